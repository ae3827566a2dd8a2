import { act, renderHook, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { api } from "@/api/client";
import type { LogLine } from "@/api/engine";
import type { Run } from "@/api/types";
import { statisticsOf } from "@/features/jobs/statistics";
import { plainText } from "./ansi";
import { filterLines, logFile } from "./logText";
import { isHttpResult } from "./RunResult";
import { newRuns } from "./useLiveRuns";
import { useRunLog } from "./useRunLog";

const line = (number: number, text = `line ${number}`, level: LogLine["level"] = "info"): LogLine => ({ line: number, at: "2026-11-25T01:00:00Z", level, text });

describe("the list of runs", () => {
  const told = (run_id: string, created_at: string) => ({ id: run_id, cursor: run_id, type: "run.completed", timestamp: created_at, data: { run: { run_id, created_at } as Run } });
  const events = [told("new", "2026-11-25T03:00:00Z"), told("shown", "2026-11-25T02:00:00Z"), told("old", "2026-11-25T01:00:00Z")] as Parameters<typeof newRuns>[0];
  it("takes for new what is not shown, unless it belongs to a page that is not loaded", () => {
    const ids = (oldest: string | null) => newRuns(events, new Set(["shown"]), oldest).map(({ run_id }) => run_id);
    expect(ids("2026-11-25T02:00:00Z")).toEqual(["new"]);
    expect(ids(null)).toEqual(["new", "old"]);
  });
});

describe("the log", () => {
  it("is read page by page, and never twice", async () => {
    const get = vi.spyOn(api, "get").mockImplementation((_url, config) => {
      const after = Number((config?.params as { after: number }).after);
      return Promise.resolve({ data: { data: [after + 1, after + 2].filter((n) => n <= 5).map((n) => line(n)), has_more: after + 2 < 5, next_cursor: null } });
    });
    const { result, rerender } = renderHook(({ over }) => useRunLog("r1", over), { initialProps: { over: false } });
    await waitFor(() => expect(result.current.lines.map((one) => one.line)).toEqual([1, 2, 3, 4, 5]));
    expect(get).toHaveBeenCalledTimes(3);
    await act(async () => rerender({ over: true }));
    expect(get).toHaveBeenCalledTimes(4);
    expect(result.current.lines).toHaveLength(5);
  });
  it("tells when it cannot be read", async () => {
    vi.spyOn(api, "get").mockRejectedValue(new Error("gone"));
    const { result } = renderHook(() => useRunLog("r2", true));
    await waitFor(() => expect(result.current.problem).not.toBeNull());
  });
  it("is searched by words and level", () => {
    const lines = [line(1, "Opening the door"), line(2, "door stuck", "warn"), line(3, "gave up", "error")];
    expect(filterLines(lines, "DOOR", "debug").map((one) => one.line)).toEqual([1, 2]);
    expect(filterLines(lines, "", "warn").map((one) => one.line)).toEqual([2, 3]);
    expect(filterLines(lines, "door open", "info").map((one) => one.line)).toEqual([1]);
  });
  it("is saved without colours", () => {
    expect(plainText("\u001b[31mred\u001b[0m")).toBe("red");
    expect(logFile([line(1, "\u001b[1mx", "warn")])).toBe("2026-11-25T01:00:00Z WARN  x\n");
  });
});

describe("what runs tell about a job", () => {
  const run = (status: string, ms: number, attempt = 1) => ({ status, duration_ms: ms, attempt, created_at: "2026-11-25T01:00:00Z", started_at: "2026-11-25T01:00:00.250Z", finished_at: "2026-11-25T01:00:09Z" }) as Run;
  it("counts those that are over", () => {
    const found = statisticsOf([run("Completed", 100), run("Completed", 300, 2), run("Completed", 200), run("Failed", 9000), { ...run("Running", 0), finished_at: null }]);
    expect(found).toMatchObject({ ended: 4, completed: 3, failed: 1, successRate: 0.75, p50: 200, p95: 300, longest: 300, waitP50: 250, retried: 1 });
    expect(statisticsOf([])).toMatchObject({ ended: 0, successRate: null, p50: null });
  });
  it("knows an answer over HTTP", () => {
    expect(isHttpResult({ status: 200, headers: {}, body: "", truncated: false })).toBe(true);
    expect([null, 5, { status: "ok" }, { simulated: true }].some(isHttpResult)).toBe(false);
  });
});
