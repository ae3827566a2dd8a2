import { useEffect, useRef } from "react";
import { getCounts } from "@/api/jobs";
import { useResource } from "@/hooks/useResource";
import { useLiveEvents } from "@/live/LiveProvider";

const SETTLE_MS = 800;

/** Jobs by status, asked again shortly after something changed (once for a whole burst of changes). */
export function useCounts() {
  const counts = useResource("job-counts", getCounts, { live: true });
  const timer = useRef<number | undefined>(undefined);
  useLiveEvents((events) => {
    if (timer.current !== undefined || !events.some(({ type }) => /^(job\.(created|deleted)|run\.)/.test(type) && type !== "run.progress" && type !== "run.log")) return;
    timer.current = window.setTimeout(() => {
      timer.current = undefined;
      counts.reload();
    }, SETTLE_MS);
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return counts.data;
}
