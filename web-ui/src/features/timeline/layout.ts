import type { Run } from "@/api/types";

export interface Lane {
  jobId: string;
  jobName: string;
  /** Rows of bars that do not overlap. */
  rows: Run[][];
}

const beginOf = (run: Run): number => Date.parse(run.created_at);
export const endOf = (run: Run, now: number): number => (run.finished_at ? Date.parse(run.finished_at) : now);

/** One lane per job; runs that overlap go to rows of their own. */
export function lanesOf(runs: readonly Run[], now: number, gapMs: number): Lane[] {
  const byJob = new Map<string, Run[]>();
  for (const run of [...runs].sort((a, b) => beginOf(a) - beginOf(b))) {
    const known = byJob.get(run.job_id);
    if (known) known.push(run);
    else byJob.set(run.job_id, [run]);
  }
  return [...byJob]
    .map(([jobId, list]) => {
      const rows: Run[][] = [];
      const ends: number[] = [];
      for (const run of list) {
        const free = ends.findIndex((end) => end <= beginOf(run));
        const row = free >= 0 ? free : rows.length < 6 ? rows.length : 5;
        (rows[row] ??= []).push(run);
        ends[row] = Math.max(ends[row] ?? 0, endOf(run, now) + gapMs);
      }
      return { jobId, jobName: list.at(-1)?.job_name ?? "", rows };
    })
    .sort((a, b) => a.jobName.localeCompare(b.jobName));
}
