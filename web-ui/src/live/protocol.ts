import type { LiveEvent } from "@/api/types";

export type ServerMessage =
  | { kind: "ready"; cursor: string | null }
  | { kind: "resync"; cursor: string | null }
  | { kind: "event"; event: LiveEvent }
  | { kind: "other" };

/** Reads one message of the live line. Unknown ones are ignored: a newer server may say more. */
export function readMessage(text: unknown): ServerMessage {
  if (typeof text !== "string") return { kind: "other" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "other" };
  }
  if (typeof value !== "object" || value === null) return { kind: "other" };
  const message = value as Record<string, unknown>;
  const cursor = typeof message.cursor === "string" ? message.cursor : null;
  if (message.type === "ready") return { kind: "ready", cursor };
  if (message.type === "resync") return { kind: "resync", cursor };
  if (typeof message.id === "string" && typeof message.type === "string" && typeof message.data === "object")
    return { kind: "event", event: message as unknown as LiveEvent };
  return { kind: "other" };
}

/** Waits before the next try: 0.5 s doubling to 15 s, each with jitter so that clients do not come back together. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const base = Math.min(15_000, 500 * 2 ** Math.min(attempt, 6));
  return Math.round(base * (0.6 + 0.8 * random()));
}

/** Remembers the ids seen last: delivery is at least once. */
export class SeenIds {
  private readonly ids = new Set<string>();
  constructor(private readonly limit = 4000) {}

  /** True when the id is new. */
  add(id: string): boolean {
    if (this.ids.has(id)) return false;
    this.ids.add(id);
    if (this.ids.size > this.limit) {
      const oldest = this.ids.values().next().value;
      if (oldest !== undefined) this.ids.delete(oldest);
    }
    return true;
  }
}

/** What comes without being named. */
export const QUIET_TYPES = [
  "job.created", "job.updated", "job.deleted", "job.paused", "job.resumed",
  "run.queued", "run.started", "run.retrying", "run.completed", "run.failed", "run.cancelled",
  "occurrence.missed", "occurrence.skipped",
] as const;
/** What comes only when named. */
export const LOUD_TYPES = ["run.progress", "run.log"] as const;
