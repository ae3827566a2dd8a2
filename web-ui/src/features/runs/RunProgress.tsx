import type { Executor, Run } from "@/api/types";
import { useNow } from "@/hooks/useNow";
import { cn } from "@/lib/cn";
import { formatDuration } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.runs;

/** How far a run is, in per cent: as it says itself, or, for a simulated one, by the clock. Null when nobody knows. */
export function progressOf(run: Run, executor: Executor | null | undefined, now: number): number | null {
  if (run.progress !== null && run.progress !== undefined) return Math.min(100, Math.max(0, run.progress));
  if (executor?.type !== "simulated" || !run.started_at) return null;
  const { duration_ms } = executor;
  if (duration_ms <= 0) return 100;
  return Math.min(100, Math.max(0, ((now - Date.parse(run.started_at)) / duration_ms) * 100));
}

export function RunProgress({ run, executor, className }: { run: Run; executor?: Executor | null; className?: string }) {
  const now = useNow(100);
  const percent = progressOf(run, executor, now);
  const simulated = executor?.type === "simulated" ? executor : null;
  const left = simulated && run.started_at ? simulated.duration_ms - (now - Date.parse(run.started_at)) : null;
  return (
    <div className={className}>
      <div
        role="progressbar"
        aria-label={t.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent === null ? undefined : Math.round(percent)}
        className="h-2 overflow-hidden rounded-full bg-surface-3"
      >
        <div
          className={cn("h-full rounded-full bg-run-solid transition-[width] duration-100 ease-linear", percent === null && "animate-shimmer")}
          style={{ width: `${percent ?? 100}%` }}
        />
      </div>
      {percent === null ? null : (
        <p className="tnum mt-1.5 flex justify-between text-xs text-ink-3">
          <span>{Math.floor(percent)}%</span>
          <span className="min-w-0 truncate pl-4">{run.progress_message ? run.progress_message : left === null ? null : left > 0 ? t.remaining(formatDuration(Math.ceil(left / 100) * 100)) : t.finishing}</span>
        </p>
      )}
    </div>
  );
}
