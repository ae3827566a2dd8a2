import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { JobQuery } from "@/api/jobs";
import { JOB_STATUSES, PRIORITIES } from "@/lib/status";

export const DEFAULT_SORT = "-created_at";
const SORTS = ["-created_at", "created_at", "-updated_at", "updated_at", "job_name", "-job_name"];

/** Reads the filters of an address; words that are none are left out instead of failing at the server. */
export function queryFromParams(params: URLSearchParams): JobQuery {
  const known = (name: string, words: readonly string[]) => [...new Set(params.getAll(name))].filter((word) => words.includes(word));
  const query: JobQuery = {};
  const status = known("status", JOB_STATUSES);
  const priority = known("priority", PRIORITIES);
  const q = params.get("q")?.trim();
  const tag = params.get("tag")?.trim();
  const sort = params.get("sort");
  if (status.length > 0) query.status = status;
  if (priority.length > 0) query.priority = priority;
  if (q) query.q = q;
  if (tag) query.tag = tag;
  if (sort && SORTS.includes(sort) && sort !== DEFAULT_SORT) query.sort = sort;
  return query;
}

export function paramsFromQuery(query: JobQuery): URLSearchParams {
  const params = new URLSearchParams();
  query.status?.forEach((word) => params.append("status", word));
  query.priority?.forEach((word) => params.append("priority", word));
  if (query.q) params.set("q", query.q);
  if (query.tag) params.set("tag", query.tag);
  if (query.sort && query.sort !== DEFAULT_SORT) params.set("sort", query.sort);
  return params;
}

/** The filters of the jobs list live in its address: back works, and a reload or a shared link shows the same. */
export function useJobQuery() {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const query = useMemo(() => queryFromParams(new URLSearchParams(text)), [text]);
  const change = useCallback(
    (changes: Partial<JobQuery>, { replace = false }: { replace?: boolean } = {}) =>
      setParams((now) => paramsFromQuery({ ...queryFromParams(now), ...changes }), { replace, preventScrollReset: true }),
    [setParams],
  );
  const filtered = Boolean(query.status || query.priority || query.q || query.tag);
  const clear = useCallback(() => change({ status: undefined, priority: undefined, q: undefined, tag: undefined }), [change]);
  return { query, change, clear, filtered };
}

const wordOf = (words: readonly string[], text: string) => words.find((word) => word.toLowerCase() === text.toLowerCase());

/** `status:failed tag:billing rest of it` typed into the search becomes filters; what is none stays text. */
export function readTokens(text: string, query: JobQuery): Partial<JobQuery> {
  const changes: Partial<JobQuery> = {};
  const add = (list: string[] | undefined, word: string) => [...new Set([...(list ?? []), word])];
  const rest = text.replace(/(?:^|\s)(status|priority|tag):("[^"]+"|[^\s"]+)(?=\s|$)/gi, (whole, name: string, raw: string) => {
    const value = raw.replaceAll('"', "");
    if (name.toLowerCase() === "tag") {
      changes.tag = value;
      return " ";
    }
    const key = name.toLowerCase() as "status" | "priority";
    const word = wordOf(key === "status" ? JOB_STATUSES : PRIORITIES, value);
    if (!word) return whole;
    changes[key] = add(changes[key] ?? query[key], word);
    return " ";
  });
  return { ...changes, q: rest.replace(/\s+/g, " ").trim() || undefined };
}
