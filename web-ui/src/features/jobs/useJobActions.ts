import { createElement, useCallback, useMemo, useState } from "react";
import { cancelRun, deleteJob, getJob, pauseJob, resumeJob, runJob } from "@/api/jobs";
import { toProblem } from "@/api/problem";
import type { Job } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { runIsOver } from "@/lib/status";
import { PauseReason } from "./PauseReason";
import { strings } from "@/lib/strings";

const t = strings.jobs;

interface Handlers {
  onJob: (job: Job) => void;
  onDeleted: (job: Job) => void;
}

export const isUnderWay = (job: Job): boolean => job.last_run !== null && !runIsOver(job.last_run.status);

/** What can be done to a job, wherever it is shown: asks where it hurts, tells how it went, hands back the new state. */
export function useJobActions({ onJob, onDeleted }: Handlers) {
  const { toast, failed, confirm } = useFeedback();
  const [busy, setBusy] = useState<string | null>(null);

  const guarded = useCallback(
    async (job: Job, title: string, work: () => Promise<void>) => {
      setBusy(job.job_id);
      try {
        await work();
      } catch (error) {
        failed(title, error);
        const problem = toProblem(error);
        // What was shown is not what the server knows: show that.
        if (problem.status === 409 || problem.status === 412) await getJob(job.job_id).then(onJob, () => undefined);
      } finally {
        setBusy(null);
      }
    },
    [failed, onJob],
  );

  const run = useCallback(
    (job: Job) =>
      guarded(job, t.runFailed, async () => {
        const started = await runJob(job.job_id);
        onJob({ ...started.job, last_run: started.run });
        toast({ tone: "ok", title: t.started(job.job_name) });
      }),
    [guarded, onJob, toast],
  );

  /** By a single key, which may be pressed by mistake: asks first. */
  const askRun = useCallback(
    async (job: Job) => {
      if (await confirm({ title: t.confirmRun, description: t.confirmRunText(job.job_name), confirmLabel: t.runNow })) await run(job);
    },
    [confirm, run],
  );

  const cancel = useCallback(
    async (job: Job) => {
      const under = job.last_run;
      if (!under) return;
      const yes = await confirm({ title: t.confirmCancel, description: t.confirmCancelText(job.job_name), confirmLabel: t.confirmCancelYes, danger: true });
      if (!yes) return;
      await guarded(job, t.cancelFailed, async () => {
        const stopped = await cancelRun(under.run_id);
        const status = stopped.status === "Cancelled" ? "Cancelled" : job.status;
        onJob({ ...job, status, last_run: { ...under, ...stopped } });
        if (stopped.status === "Cancelled") toast({ tone: "info", title: t.cancelled(job.job_name) });
      });
    },
    [confirm, guarded, onJob, toast],
  );

  const remove = useCallback(
    async (job: Job) => {
      const yes = await confirm({ title: t.confirmDelete, description: t.confirmDeleteText(job.job_name), confirmLabel: t.delete, danger: true });
      if (!yes) return;
      await guarded(job, t.deleteFailed, async () => {
        try {
          await deleteJob(job.job_id, job.version);
        } catch (error) {
          // A run that started meanwhile raises no version of what the person decided on; only an edit does.
          if (toProblem(error).status !== 404) throw error;
        }
        onDeleted(job);
        toast({ tone: "info", title: t.deleted(job.job_name) });
      });
    },
    [confirm, guarded, onDeleted, toast],
  );

  const togglePause = useCallback(
    async (job: Job) => {
      if (job.paused) {
        return guarded(job, t.pauseFailed, async () => {
          onJob(await resumeJob(job.job_id));
          toast({ tone: "ok", title: t.resumed(job.job_name) });
        });
      }
      const reason = { current: "" };
      const yes = await confirm({ title: t.pauseTitle, description: createElement(PauseReason, { reason }), confirmLabel: t.pause });
      if (!yes) return;
      await guarded(job, t.pauseFailed, async () => {
        onJob(await pauseJob(job.job_id, reason.current.trim() || undefined));
        toast({ tone: "info", title: t.pausedToast(job.job_name), action: { label: t.resume, run: () => void resumeJob(job.job_id).then(onJob, () => undefined) } });
      });
    },
    [confirm, guarded, onJob, toast],
  );

  return useMemo(() => ({ busy, run, askRun, cancel, remove, togglePause }), [busy, run, askRun, cancel, remove, togglePause]);
}

export type JobActions = ReturnType<typeof useJobActions>;
