import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { toProblem, type Problem } from "@/api/problem";
import type { Page } from "@/api/types";
import { isRemembered, useResource } from "./useResource";

export interface Pages<T> {
  items: T[] | undefined;
  error: Problem | null;
  loading: boolean;
  hasMore: boolean;
  loadingMore: boolean;
  moreError: Problem | null;
  loadMore: () => void;
  /** Reads again what is shown, as far as it goes: a list that was read on does not fall back to its first page. */
  reload: () => void;
  /** Reads only the first page again: known items change in their places, new ones come on top, or wait with `hold`. */
  refresh: (hold?: boolean) => void;
  /** New ones that wait for a `refresh` without `hold`. */
  waiting: number;
  mutate: (change: (items: T[]) => T[]) => void;
}

/** How many pages of which list were shown last. */
const depths = new Map<string, number>();

/** So many pages are read again at most; a list that is longer falls back to them. */
const MOST_AGAIN = 10;

type Load<T> = (cursor: string | null, signal?: AbortSignal) => Promise<Page<T>>;

/** One page after another, without repetitions. */
function joined<T>(known: Page<T>, page: Page<T>, idOf: (item: T) => string): Page<T> {
  const ids = new Set(known.data.map(idOf));
  return { ...page, data: [...known.data, ...page.data.filter((item) => !ids.has(idOf(item)))] };
}

/** A first page read anew before what was known behind it. */
export function freshened<T>(known: readonly T[], first: readonly T[], idOf: (item: T) => string): T[] {
  const news = new Map(first.map((item) => [idOf(item), item]));
  const there = new Set(known.map(idOf));
  return [...first.filter((item) => !there.has(idOf(item))), ...known.map((item) => news.get(idOf(item)) ?? item)];
}

/** A list that is read page by page along its cursor ("Load more"). */
export function usePages<T>(key: string | null, load: Load<T>, idOf: (item: T) => string, options: { live?: boolean } = {}): Pages<T> {
  const first = useResource(
    key,
    async (signal) => {
      const wanted = key !== null && isRemembered(key) ? Math.min(depths.get(key) ?? 1, MOST_AGAIN) : 1;
      let all = await load(null, signal);
      let pages = 1;
      while (pages < wanted && all.next_cursor) {
        all = joined(all, await load(all.next_cursor, signal), idOf);
        pages += 1;
      }
      if (key !== null) depths.set(key, pages);
      return all;
    },
    options,
  );
  const [loadingMore, setLoadingMore] = useState(false);
  const [moreError, setMoreError] = useState<Problem | null>(null);
  const { data, mutate } = first;

  useEffect(() => setMoreError(null), [key]);

  const loadMore = useCallback(() => {
    if (!data?.next_cursor || loadingMore) return;
    setLoadingMore(true);
    setMoreError(null);
    load(data.next_cursor)
      .then((page) => {
        if (key !== null) depths.set(key, (depths.get(key) ?? 1) + 1);
        mutate((known) => joined(known, page, idOf));
      })
      .catch((error: unknown) => setMoreError(toProblem(error)))
      .finally(() => setLoadingMore(false));
  }, [data, key, load, loadingMore, mutate, idOf]);

  const refreshing = useRef<string | null>(null);
  const [waiting, setWaiting] = useState<{ key: string | null; ids: ReadonlySet<string> }>({ key, ids: new Set() });
  const refresh = useCallback((hold = false) => {
    if (key === null || refreshing.current === key) return;
    refreshing.current = key;
    load(null)
      .then(
        (page) => {
          if (refreshing.current !== key) return;
          setWaiting({ key, ids: new Set(hold ? page.data.map(idOf) : []) });
          mutate((known) => {
            // An empty list has no row that could move away.
            if (known.data.length === 0) return page;
            const data = freshened(known.data, page.data, idOf);
            return { ...known, data: hold ? data.slice(-known.data.length) : data };
          });
        },
        // What is shown stays; the next refresh tries again.
        () => undefined,
      )
      .finally(() => {
        if (refreshing.current === key) refreshing.current = null;
      });
  }, [key, load, mutate, idOf]);

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
    refresh,
    waiting: useMemo(() => (waiting.key !== key || waiting.ids.size === 0 ? 0 : [...waiting.ids].filter((id) => !data?.data.some((item) => idOf(item) === id)).length), [waiting, key, data, idOf]),
    mutate: mutateItems,
  };
}
