import { useCallback, useEffect, useReducer, useRef } from "react";
import { toProblem, type Problem } from "@/api/problem";
import { useLive } from "@/live/LiveProvider";

interface State<T> {
  key: string | null;
  data: T | undefined;
  error: Problem | null;
  loading: boolean;
}

type Action<T> =
  | { type: "start"; key: string; cached: T | undefined }
  | { type: "done"; key: string; data: T }
  | { type: "failed"; key: string; error: Problem }
  | { type: "mutate"; change: (data: T) => T };

/** Answers of screens seen before: going back shows them at once, and loads afresh behind. */
const cache = new Map<string, unknown>();
const CACHE_LIMIT = 60;

function remember(key: string, data: unknown): void {
  cache.delete(key);
  cache.set(key, data);
  if (cache.size > CACHE_LIMIT) cache.delete(cache.keys().next().value as string);
}

/** Whether going back to this would show something at once. */
export const isRemembered = (key: string): boolean => cache.has(key);

/** Another person's data must not show after a log-out. */
export const forgetResources = (): void => cache.clear();

function reduce<T>(state: State<T>, action: Action<T>): State<T> {
  switch (action.type) {
    case "start":
      return action.key === state.key
        ? { ...state, loading: true }
        : { key: action.key, data: action.cached, error: null, loading: true };
    case "done":
      return action.key === state.key ? { ...state, data: action.data, error: null, loading: false } : state;
    case "failed":
      return action.key === state.key ? { ...state, error: action.error, loading: false } : state;
    case "mutate":
      return state.data === undefined ? state : { ...state, data: action.change(state.data) };
  }
}

export interface Resource<T> {
  data: T | undefined;
  /** Set while the last try failed; `data` may still hold what was known before. */
  error: Problem | null;
  loading: boolean;
  reload: () => void;
  mutate: (change: (data: T) => T) => void;
}

/** Failures that pass by themselves: no line, or a server that could not answer. */
const mayPass = (error: Problem | null): boolean => error !== null && (error.offline || error.status >= 500);

/**
 * Loads something of the server's and keeps it. `key` names it (`null`: nothing to load yet); a new key loads anew.
 * With `live`, it is loaded again whenever the live line lost track. What could not be loaded while the line was cut is
 * loaded when it is back.
 */
export function useResource<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  { live = false }: { live?: boolean } = {},
): Resource<T> {
  const [state, dispatch] = useReducer(reduce<T>, { key: null, data: undefined, error: null, loading: key !== null });
  const loadRef = useRef(load);
  const flight = useRef<AbortController | null>(null);
  /** What happened to it while it was on its way: an answer may be older than what the line told meanwhile. */
  const meanwhile = useRef<((data: T) => T)[] | null>(null);
  const broken = useRef(false);
  const { onResync, state: line } = useLive();

  useEffect(() => {
    loadRef.current = load;
    broken.current = state.key === key && mayPass(state.error);
  });
  // With what was read on and what happened since, so that the way back leads to what was left.
  useEffect(() => {
    if (state.key !== null && state.data !== undefined && cache.has(state.key)) remember(state.key, state.data);
  }, [state.key, state.data]);

  const fetchNow = useCallback((name: string) => {
    flight.current?.abort();
    const controller = new AbortController();
    flight.current = controller;
    meanwhile.current = [];
    dispatch({ type: "start", key: name, cached: cache.get(name) as T | undefined });
    loadRef.current(controller.signal).then(
      (data) => {
        if (controller.signal.aborted) return;
        const now = (meanwhile.current ?? []).reduce((known, change) => change(known), data);
        meanwhile.current = null;
        remember(name, now);
        dispatch({ type: "done", key: name, data: now });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        meanwhile.current = null;
        dispatch({ type: "failed", key: name, error: toProblem(error) });
      },
    );
  }, []);

  useEffect(() => {
    if (key === null) return;
    fetchNow(key);
    return () => flight.current?.abort();
  }, [key, fetchNow]);

  const reload = useCallback(() => {
    if (key !== null) fetchNow(key);
  }, [key, fetchNow]);

  useEffect(() => (live ? onResync(reload) : undefined), [live, onResync, reload]);

  useEffect(() => {
    if (line === "live" && broken.current) reload();
  }, [line, reload]);

  const mutate = useCallback((change: (data: T) => T) => {
    meanwhile.current?.push(change);
    dispatch({ type: "mutate", change });
  }, []);

  const current = state.key === key;
  return {
    data: current ? state.data : key !== null ? (cache.get(key) as T | undefined) : undefined,
    error: current ? state.error : null,
    loading: current ? state.loading : key !== null,
    reload,
    mutate,
  };
}
