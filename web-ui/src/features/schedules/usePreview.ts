import { useEffect, useMemo, useState } from "react";
import type { Preview, Schedule } from "@/api/engine";
import { fieldErrors, toProblem, type Problem } from "@/api/problem";
import { previewSchedule } from "@/api/schedules";
import { SCHEDULE_PATHS } from "./values";

const TYPING_MS = 300;

export interface PreviewState {
  preview: Preview | null;
  loading: boolean;
  problem: Problem | null;
  /** The server's objections, by the form's fields. */
  errors: Record<string, string>;
}

const nothing: PreviewState = { preview: null, loading: false, problem: null, errors: {} };

/** What the server makes of a schedule, asked while it is typed; what was known stays until the answer is there. */
export function usePreview(schedule: Schedule | null, count = 10): PreviewState {
  const key = useMemo(() => (schedule ? JSON.stringify(schedule) : null), [schedule]);
  const [state, setState] = useState<PreviewState>(nothing);

  useEffect(() => {
    if (!key) return setState(nothing);
    const flight = new AbortController();
    setState((known) => ({ ...known, loading: true }));
    const timer = window.setTimeout(() => {
      previewSchedule(JSON.parse(key) as Schedule, count, flight.signal).then(
        (preview) => setState({ preview, loading: false, problem: null, errors: {} }),
        (error: unknown) => {
          if (flight.signal.aborted) return;
          const problem = toProblem(error);
          const { byField } = problem.status === 422 ? fieldErrors(problem, SCHEDULE_PATHS) : { byField: {} };
          setState({ preview: null, loading: false, problem, errors: byField });
        },
      );
    }, TYPING_MS);
    return () => {
      window.clearTimeout(timer);
      flight.abort();
    };
  }, [key, count]);

  return state;
}
