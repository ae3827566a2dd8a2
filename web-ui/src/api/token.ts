/** The access token: in memory only, so that no script can find it in a storage. */
let accessToken: string | null = null;
let expiresAt = 0;
let lifeMs = 0;

export function setToken(token: string | null, expiresInSeconds = 0): void {
  accessToken = token;
  lifeMs = expiresInSeconds * 1000;
  expiresAt = token ? Date.now() + lifeMs : 0;
}
export const getToken = (): string | null => accessToken;

/** True when the token is about to end: in 15 s, or in the last tenth of a short life. */
export const tokenIsEnding = (): boolean => accessToken !== null && Date.now() + Math.min(15_000, lifeMs / 10) >= expiresAt;

/** When a line that lasts longer than the token should have a new one: 30 s before, or in the last fifth of a short life. */
export const renewTokenIn = (): number => Math.max(500, expiresAt - Date.now() - Math.min(30_000, lifeMs / 5));

const HINT = "scheduler.session";

/**
 * Whether this browser probably holds a refresh cookie (scripts cannot see it). Spares strangers a failing
 * refresh on every visit, and tells other tabs of a log-out.
 */
export const sessionHint = {
  key: HINT,
  get: (): boolean => {
    try {
      return localStorage.getItem(HINT) !== null;
    } catch {
      return true;
    }
  },
  set: (on: boolean): void => {
    try {
      if (on) localStorage.setItem(HINT, "1");
      else localStorage.removeItem(HINT);
    } catch {
      /* storage is blocked; then every visit tries one refresh */
    }
  },
};
