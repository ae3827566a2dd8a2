import type { Run } from "@/api/types";

export interface Statistics {
  ended: number;
  completed: number;
  failed: number;
  cancelled: number;
  successRate: number | null;
  p50: number | null;
  p95: number | null;
  longest: number | null;
  waitP50: number | null;
  retried: number;
}

export function quantile(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? null;
}

/** What the latest runs say about a job. */
export function statisticsOf(runs: readonly Run[]): Statistics {
  const over = runs.filter((run) => run.finished_at);
  const of = (status: string) => over.filter((run) => run.status === status).length;
  const ascending = (values: number[]) => values.filter((value) => Number.isFinite(value) && value >= 0).sort((a, b) => a - b);
  const durations = ascending(over.filter((run) => run.status === "Completed").flatMap((run) => (run.duration_ms === null ? [] : [run.duration_ms])));
  const waits = ascending(runs.flatMap((run) => (run.started_at ? [Date.parse(run.started_at) - Date.parse(run.created_at)] : [])));
  const completed = of("Completed");
  const failed = of("Failed");
  return {
    ended: over.length,
    completed,
    failed,
    cancelled: of("Cancelled"),
    successRate: completed + failed > 0 ? completed / (completed + failed) : null,
    p50: quantile(durations, 0.5),
    p95: quantile(durations, 0.95),
    longest: durations.at(-1) ?? null,
    waitP50: quantile(waits, 0.5),
    retried: over.filter((run) => run.attempt > 1).length,
  };
}
