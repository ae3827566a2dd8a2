import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { getJob, listJobs, type JobQuery } from "@/api/jobs";
import type { Job } from "@/api/types";
import { usePages } from "@/hooks/usePages";
import { useLiveEvents } from "@/live/LiveProvider";
import { answeredJob, patchJobs } from "@/live/patch";

const idOf = (job: Job) => job.job_id;

/** A page of jobs that follows the server: rows change in place, new ones wait until they are asked for. */
export function useLiveJobs(query: JobQuery) {
  const key = useMemo(() => `jobs?${JSON.stringify(query)}`, [query]);
  const load = useCallback(
    (cursor: string | null, signal?: AbortSignal) => listJobs({ ...query, limit: 50, cursor: cursor ?? undefined }, signal),
    [query],
  );
  const pages = usePages(key, load, idOf, { live: true });
  const { mutate, reload, items } = pages;
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const [deleted, setDeleted] = useState<ReadonlySet<string>>(new Set());
  const shown = useRef<ReadonlySet<string>>(new Set());

  useEffect(() => {
    shown.current = new Set(items?.map(idOf));
  }, [items]);
  useEffect(() => {
    setFresh(new Set());
    setDeleted(new Set());
  }, [key]);

  const put = useCallback((answer: Job) => mutate((jobs) => jobs.map((known) => answeredJob(known, answer))), [mutate]);

  useLiveEvents((events) => {
    mutate((jobs) => patchJobs(jobs, events));
    const arrived: string[] = [];
    const gone: string[] = [];
    const edited = new Set<string>();
    for (const { type, data } of events) {
      const id = data.job_id;
      if (!id) continue;
      const visible = shown.current.has(id);
      if (type === "job.deleted") gone.push(id);
      else if (type === "job.updated" && visible) edited.add(id);
      else if (!visible && (type === "job.created" || (query.status && data.status && query.status.includes(data.status)))) arrived.push(id);
    }
    if (gone.length > 0) setDeleted((known) => new Set([...known, ...gone]));
    if (arrived.length + gone.length > 0) setFresh((known) => new Set([...known, ...arrived].filter((id) => !gone.includes(id))));
    for (const id of edited) {
      getJob(id).then(put, () => undefined);
    }
  });

  const drop = useCallback((job: Job) => mutate((jobs) => jobs.filter((known) => known.job_id !== job.job_id)), [mutate]);
  const showFresh = useCallback(() => {
    setFresh(new Set());
    setDeleted(new Set());
    reload();
  }, [reload]);

  return { ...pages, fresh: fresh.size, deleted, put, drop, showFresh };
}
