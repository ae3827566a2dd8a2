import { useCallback, useMemo, useState } from "react";
import { listJobs, type JobQuery } from "@/api/jobs";
import type { Job } from "@/api/types";

const MOST = 10_000;

/** All jobs of a filter, page by page. */
export async function allMatching(query: JobQuery, signal?: AbortSignal): Promise<Job[]> {
  const found: Job[] = [];
  let cursor: string | undefined;
  do {
    const page = await listJobs({ ...query, limit: 200, cursor }, signal);
    found.push(...page.data);
    cursor = page.has_more ? (page.next_cursor ?? undefined) : undefined;
  } while (cursor && found.length < MOST);
  return found;
}

/** Which jobs are ticked; ones that have left the page stay ticked until they are let go. */
export function useSelection() {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Job>>(new Map());
  /** Instead of single jobs: all that match this. */
  const [all, chooseAll] = useState<JobQuery | null>(null);
  const toggle = useCallback((job: Job) => {
    chooseAll(null);
    setChosen((known) => {
      const next = new Map(known);
      if (!next.delete(job.job_id)) next.set(job.job_id, job);
      return next;
    });
  }, []);
  const setAll = useCallback((jobs: Job[], on: boolean) => {
    chooseAll(null);
    setChosen((known) => {
      const next = new Map(known);
      for (const job of jobs) {
        if (on) next.set(job.job_id, job);
        else next.delete(job.job_id);
      }
      return next;
    });
  }, []);
  const clear = useCallback(() => {
    chooseAll(null);
    setChosen(new Map());
  }, []);
  const has = useCallback((job: Job) => all !== null || chosen.has(job.job_id), [all, chosen]);
  return useMemo(() => ({ chosen, all, has, toggle, setAll, chooseAll, clear }), [chosen, all, has, toggle, setAll, clear]);
}
export type Selection = ReturnType<typeof useSelection>;
