import { AxiosError, type InternalAxiosRequestConfig } from "axios";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { acceptSession, api, endSession, onSession, refreshSession } from "./client";
import { getToken, sessionHint, setToken } from "./token";
import type { TokenAnswer } from "./types";

type Answer = { status: number; data?: unknown };
let answers: (config: InternalAxiosRequestConfig) => Answer;
const calls: InternalAxiosRequestConfig[] = [];
const session = (token: string) => ({ access_token: token, token_type: "Bearer", expires_in: 600, user: { user_id: "u" } }) as unknown as TokenAnswer;

beforeEach(() => {
  calls.length = 0;
  setToken(null);
  api.defaults.adapter = (config) => {
    calls.push(config);
    const { status, data } = answers(config);
    const response = { status, data: JSON.stringify(data ?? {}), statusText: "", headers: {}, config };
    return status < 400 ? Promise.resolve(response) : Promise.reject(new AxiosError("failed", undefined, config, null, response));
  };
});
afterEach(() => endSession());

const header = (index: number, name: string) => calls[index]?.headers.get(name);

describe("the client", () => {
  it("sends the token and a request id", async () => {
    acceptSession(session("t1"));
    answers = () => ({ status: 200, data: { ok: true } });
    const { data } = await api.get("/me");
    expect(data).toEqual({ ok: true });
    expect(header(0, "Authorization")).toBe("Bearer t1");
    expect(header(0, "X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("repeats repeatable parameters", async () => {
    answers = () => ({ status: 200 });
    await api.get("/jobs", { params: { status: ["Failed", "Running"], q: undefined } });
    expect(api.getUri(calls[0])).toMatch(/\/jobs\?status=Failed&status=Running$/);
  });

  it("refreshes once for many calls that were refused, and repeats them", async () => {
    acceptSession(session("old"));
    answers = (config) => {
      if (config.url === "/token/refresh") return { status: 200, data: session("new") };
      return config.headers.get("Authorization") === "Bearer new" ? { status: 200, data: config.url } : { status: 401, data: { code: "unauthenticated" } };
    };
    const results = await Promise.all([api.get("/a"), api.get("/b"), api.get("/c")]);
    expect(results.map(({ data }) => data)).toEqual(["/a", "/b", "/c"]);
    expect(calls.filter(({ url }) => url === "/token/refresh")).toHaveLength(1);
    expect(getToken()).toBe("new");
  });

  it("ends the session when the refresh is refused, and says so", async () => {
    acceptSession(session("old"));
    const told = vi.fn();
    const stop = onSession(told);
    answers = () => ({ status: 401, data: { code: "unauthenticated" } });
    await expect(api.get("/a")).rejects.toMatchObject({ status: 401 });
    expect(told).toHaveBeenCalledWith(null);
    expect(getToken()).toBeNull();
    expect(sessionHint.get()).toBe(false);
    stop();
  });

  it("keeps the session when the server is merely in trouble", async () => {
    acceptSession(session("old"));
    answers = (config) => (config.url === "/token/refresh" ? { status: 503, data: { code: "unavailable" } } : { status: 401 });
    await expect(api.get("/a")).rejects.toMatchObject({ status: 503 });
    expect(getToken()).toBe("old");
    expect(sessionHint.get()).toBe(true);
  });

  it("does not refresh for calls that prove who one is", async () => {
    acceptSession(session("t"));
    answers = () => ({ status: 401, data: { code: "invalid_credentials" } });
    await expect(api.post("/login", {}, { anonymous: true })).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(calls).toHaveLength(1);
    expect(header(0, "Authorization")).toBeFalsy();
  });

  it("renews a token that is about to end before using it", async () => {
    vi.useFakeTimers();
    acceptSession({ ...session("old"), expires_in: 600 });
    vi.advanceTimersByTime(590_000);
    answers = (config) => (config.url === "/token/refresh" ? { status: 200, data: session("new") } : { status: 200 });
    await api.get("/a");
    expect(calls.map(({ url }) => url)).toEqual(["/token/refresh", "/a"]);
    expect(header(1, "Authorization")).toBe("Bearer new");
    vi.useRealTimers();
  });

  it("shares one refresh in flight", async () => {
    answers = () => ({ status: 200, data: session("new") });
    const [first, second] = await Promise.all([refreshSession(), refreshSession()]);
    expect([first, second]).toEqual([true, true]);
    expect(calls).toHaveLength(1);
  });
});
