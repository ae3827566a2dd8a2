import type { Challenge } from "@/api/types";

export interface PendingChallenge extends Challenge {
  email: string;
  kind: "login" | "signup" | "setup" | "reset";
  next: string;
}

const KEY = "scheduler.challenge";

/** The log-in under way: kept for this tab, so that a reload of the code screen loses nothing. It holds no secret. */
export const challengeStore = {
  get(): PendingChallenge | null {
    try {
      const value: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
      return typeof value === "object" && value !== null && "challenge_id" in value ? (value as PendingChallenge) : null;
    } catch {
      return null;
    }
  },
  set(challenge: PendingChallenge): void {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(challenge));
    } catch {
      /* storage is blocked: the route's state still carries it */
    }
  },
  clear(): void {
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      /* nothing to clear */
    }
  },
};

/** Only a path of this dashboard: an address from outside must not choose where a log-in leads. */
export function safeNext(next: string | null | undefined): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}
