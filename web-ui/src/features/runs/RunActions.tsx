import { Ban, FilePenLine, RotateCw } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { cancelRun, retryRun, startRun } from "@/api/jobs";
import type { Run } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { Button } from "@/components/ui/button";
import { PayloadDialog } from "@/features/jobs/PayloadDialog";
import { runIsOver } from "@/lib/status";
import { strings } from "@/lib/strings";

const t = strings.runs;

/** Cancel while it is under way; afterwards the same again, or with another payload. */
export function RunActions({ run, onRun }: { run: Run; onRun: (run: Run) => void }) {
  const { failed, confirm } = useFeedback();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [replay, setReplay] = useState(false);

  const guarded = async (title: string, work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      failed(title, error);
    } finally {
      setBusy(false);
    }
  };
  const cancel = async () => {
    const yes = await confirm({
      title: strings.jobs.confirmCancel,
      description: strings.jobs.confirmCancelText(run.job_name),
      confirmLabel: strings.jobs.confirmCancelYes,
      danger: true,
    });
    if (yes) await guarded(strings.jobs.cancelFailed, async () => onRun(await cancelRun(run.run_id)));
  };
  const again = () => guarded(strings.jobs.runFailed, async () => void (await navigate(`/runs/${(await retryRun(run.run_id)).run_id}`)));
  const asked = Boolean(run.cancel_requested_at);

  return (
    <>
      {runIsOver(run.status) ? (
        <Button variant="primary" busy={busy} onClick={() => void again()}>
          <RotateCw aria-hidden />
          {t.again}
        </Button>
      ) : (
        <Button busy={busy} disabled={asked} onClick={() => void cancel()}>
          <Ban aria-hidden />
          {asked ? t.cancelling : t.cancel}
        </Button>
      )}
      <Button onClick={() => setReplay(true)}>
        <FilePenLine aria-hidden />
        {t.replay}
      </Button>
      <PayloadDialog
        open={replay}
        onOpenChange={setReplay}
        title={t.replay}
        description={t.replayText}
        submitLabel={t.replayStart}
        payload={run.payload}
        onSubmit={async (payload) => void (await navigate(`/runs/${(await startRun(run.job_id, payload)).run_id}`))}
      />
    </>
  );
}
