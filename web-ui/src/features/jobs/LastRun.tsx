import type { Job } from "@/api/types";
import { Elapsed, TimeAgo } from "@/components/Time";
import { formatDuration } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.jobs;

/** One line about the latest run: how long it has been at it, or how long ago and how long it took. */
export function LastRun({ job }: { job: Job }) {
  const run = job.last_run;
  if (!run) return <span className="text-ink-3">{t.never}</span>;
  if (run.status === "Running" && run.started_at) {
    return (
      <span className="whitespace-nowrap text-run-text">
        <Elapsed from={run.started_at} /> {t.running}
      </span>
    );
  }
  if (!run.finished_at) {
    return (
      <span className="whitespace-nowrap text-wait-text">
        <Elapsed from={run.created_at} /> {t.waiting}
      </span>
    );
  }
  return (
    <span className="whitespace-nowrap">
      <TimeAgo at={run.finished_at} className="text-ink-2" />
      {run.duration_ms === null ? null : <span className="tnum text-ink-3"> · {formatDuration(run.duration_ms)}</span>}
    </span>
  );
}
