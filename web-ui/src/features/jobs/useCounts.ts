import { getCounts } from "@/api/jobs";
import { useResource } from "@/hooks/useResource";
import { useSettled } from "@/hooks/useSettled";
import { useLiveEvents } from "@/live/LiveProvider";

const SETTLE_MS = 800;

/** Jobs by status, asked again shortly after something changed (once for a whole burst of changes). */
export function useCounts() {
  const counts = useResource("job-counts", getCounts, { live: true });
  const askAgain = useSettled(counts.reload, SETTLE_MS);
  useLiveEvents((events) => {
    if (events.some(({ type }) => /^(job\.(created|deleted)|run\.)/.test(type) && type !== "run.progress" && type !== "run.log")) askAgain();
  });
  return counts.data;
}
