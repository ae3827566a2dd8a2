import { useCallback, useEffect, useRef } from "react";

/** Calls `work` once, `afterMs` after the first of a burst of triggers: many events, one question to the server. */
export function useSettled(work: () => void, afterMs: number): () => void {
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, afterMs);
  }, [afterMs]);
}
