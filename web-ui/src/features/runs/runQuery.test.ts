import { describe, expect, it, vi } from "vitest";
import { api } from "@/api/client";
import type { Run } from "@/api/types";
import { belongs, filtersFrom, isFiltered, paramsFrom, queryOf, readTokens } from "./runQuery";
import { searchRuns } from "./useLiveRuns";

const NOW = Date.parse("2026-11-27T12:00:30Z");

describe("the filters of the runs list", () => {
  it("survive the address, and leave out what is none", () => {
    const text = "status=Failed&status=Queued&trigger=schedule&reason=timed_out&error=503+from&job_id=j1&created_after=2026-11-01T00%3A00%3A00.000Z";
    const filters = filtersFrom(new URLSearchParams(text));
    expect(filters).toEqual({ status: ["Failed", "Queued"], trigger: ["schedule"], reason: ["timed_out"], error: "503 from", job_id: "j1", created_after: "2026-11-01T00:00:00.000Z" });
    expect(paramsFrom(filters).toString()).toBe(text);
    const odd = filtersFrom(new URLSearchParams("status=failed&trigger=moon&reason=&within=2y&created_before=soon&error=+"));
    expect([odd, isFiltered(odd), isFiltered(filters)]).toEqual([{}, false, true]);
  });
  it("keep a window as it is, and ask for it from a whole minute", () => {
    const filters = filtersFrom(new URLSearchParams("within=24h&created_after=2026-01-01T00:00:00Z"));
    expect(filters).toEqual({ within: "24h" });
    expect(paramsFrom(filters).toString()).toBe("within=24h");
    expect(queryOf(filters, NOW)).toEqual({ created_after: "2026-11-26T12:00:00.000Z" });
    expect(queryOf({ error: "x" }, NOW)).toEqual({ error: "x" });
  });
  it("can be typed", () => {
    expect(readTokens("status:failed  trigger:SCHEDULE reason:timed_out within:7d  connection refused", { created_after: "2026-01-01T00:00:00.000Z" })).toEqual({
      status: ["Failed"],
      trigger: ["schedule"],
      reason: ["timed_out"],
      within: "7d",
      created_after: undefined,
      created_before: undefined,
      error: "connection refused",
    });
    expect(readTokens("status:angry https://x.example", {})).toEqual({ error: "status:angry https://x.example" });
    expect(readTokens("trigger:api", { trigger: ["retry"], error: "old" })).toEqual({ trigger: ["retry", "api"], error: undefined });
  });
  it("decide whether a run that just came is of the list", () => {
    const run = { job_id: "j1", status: "Failed", reason: "timed_out", trigger: { type: "api" }, error: { code: "timeout", message: "No answer in 30 s" }, created_at: "2026-11-27T12:00:00Z" } as unknown as Run;
    for (const query of [{}, { job_id: "j1", status: ["Failed"] }, { error: "NO ANSWER" }, { error: "timeout" }, { reason: ["timed_out", "crashed"] }, { trigger: ["api"], created_after: "2026-11-27T11:00:00Z" }]) expect(belongs(run, query), JSON.stringify(query)).toBe(true);
    for (const query of [{ job_id: "j2" }, { status: ["Queued"] }, { error: "refused" }, { reason: ["crashed"] }, { trigger: ["manual"] }, { created_after: "2026-11-27T12:00:00Z" }, { created_before: "2026-11-27T12:00:00Z" }]) expect(belongs(run, query), JSON.stringify(query)).toBe(false);
    expect(belongs({ ...run, reason: null, error: null } as Run, { reason: ["crashed"] })).toBe(false);
  });
});

describe("a search among many runs", () => {
  const pages = (empty: number) => {
    let asked = 0;
    return vi.spyOn(api, "get").mockImplementation(() => {
      asked += 1;
      const found = asked > empty;
      return Promise.resolve({ data: { data: found ? [{ run_id: "r" }] : [], has_more: !found, next_cursor: found ? null : `c${asked}` } });
    });
  };
  it("goes on through pages without any, along their cursors", async () => {
    const get = pages(3);
    expect((await searchRuns({ error: "x" }, null)).data).toHaveLength(1);
    expect(get.mock.calls.map(([, config]) => (config?.params as { cursor?: string }).cursor)).toEqual([undefined, "c1", "c2", "c3"]);
  });
  it("ends at some point, and can be taken up again", async () => {
    const get = pages(1_000);
    const page = await searchRuns({}, "start");
    expect([get.mock.calls.length, page.data.length, page.next_cursor]).toEqual([20, 0, "c20"]);
  });
});
