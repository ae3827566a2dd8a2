import { useEffect, useRef, useState } from "react";
import { listJobRuns, listRuns } from "@/api/jobs";
import type { Job, LiveEvent, Run } from "@/api/types";
import { forEachParallel } from "@/lib/parallel";
import { useLive, useLiveEvents } from "@/live/LiveProvider";

/** How many runs a row shows at most, newest first. */
export const STRIP = 20;

/** Runs by job after a batch; lists of jobs that nothing happened to stay the same objects. */
export function addRecent(known: ReadonlyMap<string, Run[]>, runs: readonly Run[]): ReadonlyMap<string, Run[]> {
  if (runs.length === 0) return known;
  const next = new Map(known);
  for (const run of runs) {
    const list = next.get(run.job_id) ?? [];
    const at = list.findIndex((other) => other.run_id === run.run_id);
    const merged = at >= 0 ? list.map((other, index) => (index === at ? { ...other, ...run } : other)) : [run, ...list].sort((a, b) => b.created_at.localeCompare(a.created_at));
    next.set(run.job_id, merged.slice(0, STRIP));
  }
  return next;
}

const runsOf = (events: readonly LiveEvent[]): Run[] => events.flatMap(({ type, data }) => (data.run && type !== "run.progress" && type !== "run.log" ? [data.run] : []));

/** The jobs whose strip is not known yet: they ran, and not lately enough to be among the latest runs of all. */
export function unknownStrips(jobs: readonly Job[], recent: ReadonlyMap<string, Run[]>, asked: ReadonlySet<string>): string[] {
  return jobs.filter(({ job_id, last_run }) => last_run && !asked.has(job_id) && (recent.get(job_id)?.length ?? 0) < STRIP).map(({ job_id }) => job_id);
}

/**
 * The strip of each row: one question for the latest runs of all jobs, a few at a time for the rows that those leave
 * open, then what happens.
 */
export function useRecentRuns(wanted: boolean, jobs: readonly Job[] | undefined): ReadonlyMap<string, Run[]> {
  const [recent, setRecent] = useState<ReadonlyMap<string, Run[]>>(new Map());
  /** Whether there are runs beyond the first answer; null: not known yet. */
  const [more, setMore] = useState<boolean | null>(null);
  const { onResync } = useLive();
  const asked = useRef<Set<string>>(new Set());
  const flight = useRef<AbortController | null>(null);
  useEffect(() => {
    if (!wanted) return;
    const controller = new AbortController();
    flight.current = controller;
    asked.current = new Set();
    const load = () =>
      void listRuns({ limit: 200 }, controller.signal).then(
        (page) => {
          setRecent((known) => addRecent(known, page.data));
          setMore(page.has_more);
        },
        () => undefined,
      );
    load();
    const stop = onResync(load);
    return () => {
      controller.abort();
      stop();
    };
  }, [wanted, onResync]);

  useEffect(() => {
    const controller = flight.current;
    if (!wanted || !more || !jobs || !controller) return;
    const open = unknownStrips(jobs, recent, asked.current);
    open.forEach((id) => asked.current.add(id));
    void forEachParallel(
      open,
      async (id) => {
        const page = await listJobRuns(id, null, controller.signal, STRIP);
        setRecent((known) => addRecent(known, page.data));
      },
      { limit: 3, signal: controller.signal },
    );
  }, [wanted, more, jobs, recent]);

  useLiveEvents((events) => {
    if (wanted) setRecent((known) => addRecent(known, runsOf(events)));
  });
  return recent;
}
