/** The server's clock as seen from here: elapsed times and countdowns must not trust a wrong local clock. */
let skewMs = 0;

/** Learns from an answer's `Date` header; it has whole seconds, so small differences are noise. */
export function learnClock(dateHeader: unknown, receivedAt = Date.now()): void {
  const server = typeof dateHeader === "string" ? Date.parse(dateHeader) : Number.NaN;
  if (Number.isNaN(server)) return;
  const difference = server + 500 - receivedAt;
  skewMs = Math.abs(difference) > 2500 ? difference : 0;
}

export const serverNow = (): number => Date.now() + skewMs;
