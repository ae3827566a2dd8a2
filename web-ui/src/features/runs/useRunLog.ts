import { useCallback, useEffect, useRef, useState } from "react";
import { getRunLog } from "@/api/jobs";
import type { LogLine } from "@/api/engine";
import { toProblem, type Problem } from "@/api/problem";
import { useSettled } from "@/hooks/useSettled";
import { useLive, useLiveEvents, useLoudLine } from "@/live/LiveProvider";

const POLL_MS = 3000;
const SETTLE_MS = 250;

export interface RunLog {
  lines: LogLine[];
  loaded: boolean;
  problem: Problem | null;
  reload: () => void;
}

/** The log of a run: all of it, then what comes, until the run is over. Asks only for the lines after the last known one. */
export function useRunLog(runId: string, over: boolean): RunLog {
  const [lines, setLines] = useState<LogLine[]>([]);
  const [loaded, setLoaded] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const last = useRef(0);
  const busy = useRef(false);
  const again = useRef(false);
  const flight = useRef<AbortController | null>(null);
  const { state } = useLive();
  useLoudLine(!over);

  const read = useCallback(async () => {
    if (busy.current) {
      again.current = true;
      return;
    }
    const controller = flight.current;
    if (!controller) return;
    busy.current = true;
    try {
      for (let more = true; more; ) {
        again.current = false;
        const page = await getRunLog(runId, last.current, controller.signal);
        if (controller.signal.aborted) return;
        const news = page.data.filter(({ line }) => line > last.current);
        if (news.length > 0) {
          last.current = news.at(-1)!.line;
          setLines((known) => [...known, ...news]);
        }
        setLoaded(true);
        setProblem(null);
        more = (page.has_more && news.length > 0) || again.current;
      }
    } catch (error) {
      if (!controller.signal.aborted) setProblem(toProblem(error));
    } finally {
      if (flight.current === controller) busy.current = false;
    }
  }, [runId]);

  useEffect(() => {
    const controller = new AbortController();
    flight.current = controller;
    busy.current = false;
    last.current = 0;
    setLines([]);
    setLoaded(false);
    setProblem(null);
    void read();
    return () => controller.abort();
  }, [read]);

  // The end may bring last lines.
  useEffect(() => {
    if (over) void read();
  }, [over, read]);

  const soon = useSettled(() => void read(), SETTLE_MS);
  useLiveEvents((events) => {
    if (events.some(({ type, data }) => type === "run.log" && data.run?.run_id === runId)) soon();
  });
  useEffect(() => {
    if (over || state === "live") return;
    const every = window.setInterval(() => document.visibilityState === "visible" && void read(), POLL_MS);
    return () => window.clearInterval(every);
  }, [over, state, read]);

  return { lines, loaded, problem, reload: () => void read() };
}
