import { Ban, ChevronDown, FileJson, History, Pause, Pencil, Play } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { startRun } from "@/api/jobs";
import type { Job } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { TimeAgo } from "@/components/Time";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "@/components/ui/dropdown-menu";
import { strings } from "@/lib/strings";
import { BackfillDialog } from "./BackfillDialog";
import { JobMenu } from "./JobActionMenu";
import { PayloadDialog } from "./PayloadDialog";
import { isUnderWay, type JobActions } from "./useJobActions";

const t = strings.jobs;

interface JobHeaderProps {
  job: Job;
  actions: JobActions;
  onChanged: () => void;
}

export function HeaderActions({ job, actions, onChanged }: JobHeaderProps) {
  const busy = actions.busy === job.job_id;
  const navigate = useNavigate();
  const { toast } = useFeedback();
  const [dialog, setDialog] = useState<"payload" | "backfill" | null>(null);
  const underWay = isUnderWay(job);
  return (
    <div role="group" aria-label={t.actionsFor} className="flex flex-wrap items-center gap-2">
      <div className="flex">
        {underWay ? (
          <Button busy={busy} className="rounded-r-none" onClick={() => void actions.cancel(job)}>
            <Ban aria-hidden />
            {t.cancelRun}
          </Button>
        ) : (
          <Button variant="primary" busy={busy} className="rounded-r-none" onClick={() => void actions.run(job)}>
            <Play aria-hidden />
            {job.last_run ? t.runAgain : t.runNow}
          </Button>
        )}
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button size="icon" variant={underWay ? "secondary" : "primary"} aria-label={t.moreRun} className={underWay ? "rounded-l-none border-l-0" : "rounded-l-none border-l border-accent-ink/25"}>
              <ChevronDown aria-hidden />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="end">
            <DropdownMenuItem onSelect={() => setDialog("payload")}>
              <FileJson aria-hidden />
              {t.runWith}
            </DropdownMenuItem>
            <DropdownMenuItem disabled={!job.schedule} onSelect={() => setDialog("backfill")}>
              <History aria-hidden />
              {t.backfill.open}
            </DropdownMenuItem>
          </DropdownMenuContent>
        </DropdownMenu>
      </div>
      <Button busy={busy && !underWay} onClick={() => void actions.togglePause(job)}>
        {job.paused ? <Play aria-hidden /> : <Pause aria-hidden />}
        {job.paused ? t.resume : t.pause}
      </Button>
      <Button asChild>
        <Link to={`/jobs/${job.job_id}/edit`}>
          <Pencil aria-hidden />
          <span className="sr-only sm:not-sr-only">{t.edit}</span>
        </Link>
      </Button>
      <JobMenu job={job} actions={actions} />
      <PayloadDialog
        open={dialog === "payload"}
        onOpenChange={(open) => setDialog(open ? "payload" : null)}
        title={t.runWith}
        description={t.runWithText}
        submitLabel={t.runNow}
        payload={job.payload}
        onSubmit={async (payload) => {
          const run = await startRun(job.job_id, payload);
          toast({ tone: "ok", title: t.started(job.job_name), action: { label: strings.runs.details, run: () => void navigate(`/runs/${run.run_id}`) } });
          onChanged();
        }}
      />
      <BackfillDialog job={job} open={dialog === "backfill"} onOpenChange={(open) => setDialog(open ? "backfill" : null)} onStarted={onChanged} />
    </div>
  );
}

/** Why nothing runs by itself. */
export function PausedNote({ job, actions }: { job: Job; actions: JobActions }) {
  if (!job.paused) return null;
  return (
    <Alert
      tone="warn"
      title={t.pausedTitle}
      className="mb-4"
      actions={
        <Button size="sm" onClick={() => void actions.togglePause(job)}>
          <Play aria-hidden />
          {t.resume}
        </Button>
      }
    >
      {job.pause_reason ? <span className="block">“{job.pause_reason}”</span> : null}
      {job.paused_at ? (
        <span className="text-xs">
          {t.pausedSince} <TimeAgo at={job.paused_at} />
        </span>
      ) : null}
    </Alert>
  );
}
