import { useCallback, useEffect, useState } from "react";
import { toProblem, type Problem } from "@/api/problem";
import type { Page } from "@/api/types";
import { useResource } from "./useResource";

export interface Pages<T> {
  items: T[] | undefined;
  error: Problem | null;
  loading: boolean;
  hasMore: boolean;
  loadingMore: boolean;
  moreError: Problem | null;
  loadMore: () => void;
  reload: () => void;
  mutate: (change: (items: T[]) => T[]) => void;
}

/** A list that is read page by page along its cursor ("Load more"). */
export function usePages<T>(
  key: string | null,
  load: (cursor: string | null, signal?: AbortSignal) => Promise<Page<T>>,
  idOf: (item: T) => string,
  options: { live?: boolean } = {},
): Pages<T> {
  const first = useResource(key, (signal) => load(null, signal), options);
  const [loadingMore, setLoadingMore] = useState(false);
  const [moreError, setMoreError] = useState<Problem | null>(null);
  const { data, mutate } = first;

  useEffect(() => setMoreError(null), [key]);

  const loadMore = useCallback(() => {
    if (!data?.next_cursor || loadingMore) return;
    setLoadingMore(true);
    setMoreError(null);
    load(data.next_cursor)
      .then((page) =>
        mutate((known) => {
          const ids = new Set(known.data.map(idOf));
          return { ...page, data: [...known.data, ...page.data.filter((item) => !ids.has(idOf(item)))] };
        }),
      )
      .catch((error: unknown) => setMoreError(toProblem(error)))
      .finally(() => setLoadingMore(false));
  }, [data, load, loadingMore, mutate, idOf]);

  const mutateItems = useCallback(
    (change: (items: T[]) => T[]) =>
      mutate((known) => {
        const next = change(known.data);
        return next === known.data ? known : { ...known, data: next };
      }),
    [mutate],
  );

  return {
    items: data?.data,
    error: first.error,
    loading: first.loading,
    hasMore: data?.has_more ?? false,
    loadingMore,
    moreError,
    loadMore,
    reload: first.reload,
    mutate: mutateItems,
  };
}
