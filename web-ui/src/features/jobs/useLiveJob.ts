import { useCallback, useMemo, useRef, useState } from "react";
import { getJob, listJobRuns } from "@/api/jobs";
import type { LiveEvent, Run } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { patchKnownRuns } from "@/features/runs/useLiveRuns";
import { usePages } from "@/hooks/usePages";
import { useResource } from "@/hooks/useResource";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";
import { patchJob, patchRuns } from "@/live/patch";

const runIdOf = (run: Run) => run.run_id;
/** A list that grew so long by itself begins anew. */
const MOST_ROWS = 1000;
/** Events that wait while somebody points at the list. */
const MOST_WAITING = 3000;

/** Runs that a batch tells of and a list does not show yet. */
export function unknownRuns(known: readonly Run[], events: readonly LiveEvent[]): number {
  const shown = new Set(known.map(runIdOf));
  return new Set(events.flatMap(({ data }) => (data.run && !shown.has(data.run.run_id) ? [data.run.run_id] : []))).size;
}

/**
 * One job and its runs, following the server. While somebody points at the runs (`hold`), rows change in their places
 * and new ones wait; else they come on top.
 */
export function useLiveJob(jobId: string) {
  const { announce } = useFeedback();
  const job = useResource(`job/${jobId}`, (signal) => getJob(jobId, signal), { live: true });
  const loadRuns = useCallback((cursor: string | null, signal?: AbortSignal) => listJobRuns(jobId, cursor, signal), [jobId]);
  const runs = usePages(`job/${jobId}/runs`, loadRuns, runIdOf, { live: true });
  const held = useRef(false);
  const [waiting, setWaiting] = useState<LiveEvent[]>([]);
  const { mutate, reload, items } = runs;

  useLiveEvents((events) => {
    const about = events.filter(({ data }) => data.job_id === jobId);
    if (about.length === 0) return;
    job.mutate((known) => about.reduce(patchJob, known));
    // An empty list has no row that could move away.
    const still = held.current && (items?.length ?? 0) > 0;
    mutate((known) => (still ? patchKnownRuns(known, about) : patchRuns(known, about, jobId)));
    if (still) setWaiting((known) => [...known, ...about.filter(({ data }) => data.run)].slice(-MOST_WAITING));
    else if ((items?.length ?? 0) > MOST_ROWS) reload();
    const status = about.at(-1)?.data.status;
    if (status && status !== job.data?.status) announce(strings.jobs.nowStatus(job.data?.job_name ?? "", status));
    if (about.some(({ type }) => /^job\.(updated|deleted|paused|resumed)$/.test(type))) job.reload();
  });

  const show = useCallback(() => {
    setWaiting((known) => {
      if (known.length > 0) mutate((list) => patchRuns(list, known, jobId));
      return [];
    });
  }, [jobId, mutate]);
  const hold = useCallback(
    (on: boolean) => {
      held.current = on;
      if (!on) show();
    },
    [show],
  );
  const fresh = useMemo(() => (items ? unknownRuns(items, waiting) : 0), [items, waiting]);
  return { job, runs, fresh, hold, show };
}
