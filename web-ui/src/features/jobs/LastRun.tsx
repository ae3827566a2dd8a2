import type { Job } from "@/api/types";
import { Elapsed, TimeAgo } from "@/components/Time";
import { useAuth } from "@/features/auth/AuthProvider";
import { cn } from "@/lib/cn";
import { formatDuration } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.jobs;

/** One line about the latest run: how long it has been at it, or how long ago and how long it took. */
export function LastRun({ job }: { job: Job }) {
  const { times } = useAuth();
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
  const took = run.duration_ms === null ? null : formatDuration(run.duration_ms);
  // Exact times are long: below them, in a table, what the run took has a line of its own.
  const exact = times.style === "exact";
  return (
    <span className="whitespace-nowrap">
      <TimeAgo at={run.finished_at} className="text-ink-2" />
      {took === null ? null : <span className={cn("tnum text-ink-3", exact && "md:block md:text-xs")}>{exact ? <span className="md:hidden"> · </span> : " · "}{took}</span>}
    </span>
  );
}
