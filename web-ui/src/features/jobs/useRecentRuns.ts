import { useEffect, useRef, useState } from "react";
import { listRuns } from "@/api/jobs";
import type { LiveEvent, Run } from "@/api/types";
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

/** The strip of each row: one question for the latest runs of all jobs, then what happens. */
export function useRecentRuns(wanted: boolean): ReadonlyMap<string, Run[]> {
  const [recent, setRecent] = useState<ReadonlyMap<string, Run[]>>(new Map());
  const { onResync } = useLive();
  const asked = useRef(false);
  useEffect(() => {
    if (!wanted) return;
    const flight = new AbortController();
    const load = () => void listRuns({ limit: 200 }, flight.signal).then((page) => setRecent((known) => addRecent(known, page.data)), () => undefined);
    if (!asked.current) load();
    asked.current = true;
    const stop = onResync(load);
    return () => {
      asked.current = false;
      flight.abort();
      stop();
    };
  }, [wanted, onResync]);
  useLiveEvents((events) => {
    if (wanted) setRecent((known) => addRecent(known, runsOf(events)));
  });
  return recent;
}
