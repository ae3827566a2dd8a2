import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { listRuns, type RunQuery } from "@/api/jobs";
import type { LiveEvent, Run } from "@/api/types";
import { usePages } from "@/hooks/usePages";
import { useLiveEvents } from "@/live/LiveProvider";

const idOf = (run: Run) => run.run_id;

/** Known runs after a batch, in their places; new ones are only named. */
export function patchKnownRuns(runs: Run[], events: readonly LiveEvent[]): Run[] {
  const news = new Map<string, Run>();
  for (const { data } of events) if (data.run) news.set(data.run.run_id, data.run);
  let changed = false;
  const next = runs.map((run) => {
    const found = news.get(run.run_id);
    if (!found) return run;
    changed = true;
    return { ...run, ...found };
  });
  return changed ? next : runs;
}

/** Runs of all jobs, newest first: rows change in place, new ones wait; paused, nothing moves at all. */
export function useLiveRuns(query: RunQuery, paused: boolean) {
  const key = useMemo(() => `runs?${JSON.stringify(query)}`, [query]);
  const load = useCallback(
    (cursor: string | null, signal?: AbortSignal) => listRuns({ ...query, limit: 50, cursor: cursor ?? undefined }, signal),
    [query],
  );
  const pages = usePages(key, load, idOf, { live: !paused });
  const { items, mutate, reload } = pages;
  const shown = useRef<ReadonlySet<string>>(new Set());
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());

  useEffect(() => {
    shown.current = new Set(items?.map(idOf));
  }, [items]);
  useEffect(() => setFresh(new Set()), [key]);

  useLiveEvents((events) => {
    if (!paused) mutate((runs) => patchKnownRuns(runs, events));
    const arrived = events.flatMap(({ data }) => {
      const run = data.run;
      if (!run || shown.current.has(run.run_id)) return [];
      if (query.job_id && run.job_id !== query.job_id) return [];
      return query.status && !query.status.includes(run.status) ? [] : [run.run_id];
    });
    if (arrived.length > 0) setFresh((known) => (arrived.every((id) => known.has(id)) ? known : new Set([...known, ...arrived])));
  });

  const wasPaused = useRef(paused);
  useEffect(() => {
    if (wasPaused.current && !paused) reload();
    wasPaused.current = paused;
  }, [paused, reload]);

  const showFresh = useCallback(() => {
    setFresh(new Set());
    reload();
  }, [reload]);
  return { ...pages, fresh: fresh.size, showFresh };
}
