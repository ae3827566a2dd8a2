import { toProblem, type Problem } from "@/api/problem";

export interface Outcome<T> {
  item: T;
  problem: Problem | null;
}

/** Does the same to many things, a few at a time; one failure stops nothing. A 429 waits as long as the server says. */
export async function forEachParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  { limit = 4, signal, onDone, wait = (ms: number) => new Promise((done) => setTimeout(done, ms)) }: { limit?: number; signal?: AbortSignal; onDone?: (outcome: Outcome<T>) => void; wait?: (ms: number) => Promise<unknown> } = {},
): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length && !signal?.aborted) {
      const item = items[next++]!;
      let problem: Problem | null = null;
      for (let tries = 0; tries < 4; tries += 1) {
        try {
          await work(item);
          problem = null;
        } catch (error) {
          problem = toProblem(error);
        }
        if (problem?.status !== 429 || signal?.aborted) break;
        await wait((problem.retryAfter ?? 1) * 1000);
      }
      const outcome = { item, problem };
      outcomes.push(outcome);
      onDone?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return outcomes;
}
