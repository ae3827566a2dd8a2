import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { listRuns, type RunQuery } from "@/api/jobs";
import type { LiveEvent, Page, Run } from "@/api/types";
import { usePages } from "@/hooks/usePages";
import { useLiveEvents } from "@/live/LiveProvider";
import { belongs } from "./runQuery";

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

/**
 * Runs that a batch tells of and a list would show, but does not. What is older than the last row (`oldest`, where the
 * list goes on) is not new: its news belong to a page that is not loaded.
 */
export function newRuns(events: readonly LiveEvent[], shown: ReadonlySet<string>, oldest: string | null): Run[] {
  return events.flatMap(({ data: { run } }) => (run && !shown.has(run.run_id) && (oldest === null || run.created_at > oldest) ? [run] : []));
}

/** Pages that come up empty are gone through at once: 20 of them reach as far as runs are kept. */
const EMPTY_PAGES = 20;

/** The next page that has runs in it. What lies scattered is looked for some thousand runs at a time. */
export async function searchRuns(query: RunQuery, cursor: string | null, signal?: AbortSignal): Promise<Page<Run>> {
  let page = await listRuns({ ...query, limit: 50, cursor: cursor ?? undefined }, signal);
  for (let tries = 1; tries < EMPTY_PAGES && page.data.length === 0 && page.next_cursor; tries += 1) {
    page = await listRuns({ ...query, limit: 50, cursor: page.next_cursor }, signal);
  }
  return page;
}

/** Runs of all jobs, newest first: rows change in place, new ones wait; paused, nothing moves at all. */
export function useLiveRuns(query: RunQuery, paused: boolean) {
  const key = useMemo(() => `runs?${JSON.stringify(query)}`, [query]);
  const load = useCallback(
    (cursor: string | null, signal?: AbortSignal) => searchRuns(query, cursor, signal),
    [query],
  );
  const pages = usePages(key, load, idOf, { live: !paused });
  const { items, hasMore, mutate, reload } = pages;
  const shown = useRef<ReadonlySet<string>>(new Set());
  const oldest = useRef<string | null>(null);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());

  useEffect(() => {
    shown.current = new Set(items?.map(idOf));
    oldest.current = hasMore ? (items?.at(-1)?.created_at ?? null) : null;
  }, [items, hasMore]);
  useEffect(() => setFresh(new Set()), [key]);

  useLiveEvents((events) => {
    if (!paused) mutate((runs) => patchKnownRuns(runs, events));
    const arrived = newRuns(events, shown.current, oldest.current).filter((run) => belongs(run, query)).map(idOf);
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
