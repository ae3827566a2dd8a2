/** The access token: in memory only, so that no script can find it in a storage. */
let accessToken: string | null = null;
let expiresAt = 0;

export function setToken(token: string | null, expiresInSeconds = 0): void {
  accessToken = token;
  expiresAt = token ? Date.now() + expiresInSeconds * 1000 : 0;
}
export const getToken = (): string | null => accessToken;

/** True when the token ends within `marginMs`. */
export const tokenEndsWithin = (marginMs: number): boolean => accessToken !== null && Date.now() + marginMs >= expiresAt;
export const tokenExpiresAt = (): number => expiresAt;

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
