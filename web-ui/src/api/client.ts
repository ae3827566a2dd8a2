import axios, { type AxiosError, type InternalAxiosRequestConfig } from "axios";
import { learnClock } from "@/lib/clock";
import { randomId } from "@/lib/ids";
import { parseJson } from "@/lib/json-parse";
import { toProblem } from "./problem";
import { getToken, sessionHint, setToken, tokenIsEnding } from "./token";
import type { TokenAnswer } from "./types";

declare module "axios" {
  interface AxiosRequestConfig {
    /** Calls that prove who one is: no token, no refresh on 401. */
    anonymous?: boolean;
    retried?: boolean;
  }
}

/** The one HTTP client of the dashboard. Everything it throws is a `Problem`. */
export const api = axios.create({
  baseURL: "/api/v1",
  timeout: 30_000,
  headers: { Accept: "application/json" },
  // Repeatable parameters as the API wants them: status=Failed&status=Running.
  paramsSerializer: { indexes: null },
  transformResponse: (data: unknown) => {
    if (typeof data !== "string" || data === "") return data;
    try {
      return parseJson(data);
    } catch {
      return data;
    }
  },
});

type SessionListener = (answer: TokenAnswer | null) => void;
const listeners = new Set<SessionListener>();

/** Told of every new token pair, and with `null` when the session is over. */
export function onSession(listener: SessionListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function acceptSession(answer: TokenAnswer): void {
  setToken(answer.access_token, answer.expires_in);
  sessionHint.set(true);
  for (const listener of listeners) listener(answer);
}

export function endSession(): void {
  setToken(null);
  sessionHint.set(false);
  for (const listener of listeners) listener(null);
}

let refreshing: Promise<boolean> | null = null;

async function refreshOnce(): Promise<boolean> {
  try {
    const { data } = await api.post<TokenAnswer>("/token/refresh", undefined, { anonymous: true });
    acceptSession(data);
    return true;
  } catch (error) {
    const problem = toProblem(error);
    // Only the server's word ends the session; a dead line or a busy server does not.
    if (problem.status === 401 || problem.status === 403) {
      endSession();
      return false;
    }
    throw problem;
  }
}

/** One refresh at a time in this tab, and, where the browser can, one at a time over all tabs. */
export function refreshSession(): Promise<boolean> {
  if (refreshing) return refreshing;
  const locked = async () => (navigator.locks ? await navigator.locks.request("scheduler.refresh", refreshOnce) : await refreshOnce());
  const flight = locked().finally(() => {
    refreshing = null;
  });
  refreshing = flight;
  return flight;
}

api.interceptors.request.use(async (config: InternalAxiosRequestConfig) => {
  config.headers.set("X-Request-Id", randomId());
  if (config.anonymous) return config;
  if (tokenIsEnding()) await refreshSession().catch(() => false);
  const token = getToken();
  if (token) config.headers.set("Authorization", `Bearer ${token}`);
  return config;
});

api.interceptors.response.use(
  (response) => {
    learnClock(response.headers.date);
    return response;
  },
  async (error: AxiosError) => {
    const config = error.config;
    if (error.response?.status === 401 && config && !config.anonymous && !config.retried && getToken()) {
      if (await refreshSession()) return api.request({ ...config, retried: true });
    }
    throw toProblem(error);
  },
);

/** A fresh key for a POST that creates or acts, so that a repeated click or a retry acts once. */
export const idempotent = (): { headers: Record<string, string> } => ({ headers: { "Idempotency-Key": randomId() } });
