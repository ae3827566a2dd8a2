import { describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import type { LiveEvent, Run } from "@/api/types";
import { addRecent } from "@/features/jobs/useRecentRuns";
import { readTokens } from "@/features/jobs/useJobQuery";
import { patchKnownRuns } from "@/features/runs/useLiveRuns";
import { csvCell, toCsv } from "./csv";
import { forEachParallel } from "./parallel";

describe("many at once", () => {
  it("never does more than so many at a time, and reports each", async () => {
    let open = 0;
    let most = 0;
    const outcomes = await forEachParallel(
      Array.from({ length: 20 }, (_, index) => index),
      async (item) => {
        most = Math.max(most, ++open);
        await new Promise((done) => setTimeout(done, 1));
        open -= 1;
        if (item === 7) throw new Problem({ status: 409, code: "overlap_skipped", title: "no" });
      },
      { limit: 3 },
    );
    expect(most).toBe(3);
    expect(outcomes).toHaveLength(20);
    expect(outcomes.filter(({ problem }) => problem).map(({ item }) => item)).toEqual([7]);
  });
  it("waits when it was too fast, as long as it was told", async () => {
    const wait = vi.fn(() => Promise.resolve());
    const work = vi.fn().mockRejectedValueOnce(new Problem({ status: 429, code: "rate_limited", title: "slow", retryAfter: 2 })).mockResolvedValue(1);
    const [outcome] = await forEachParallel([1], work, { wait });
    expect(outcome?.problem).toBeNull();
    expect(wait).toHaveBeenCalledExactlyOnceWith(2000);
  });
  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const outcomes = await forEachParallel([1, 2, 3, 4], async (item) => item === 2 && stop.abort(), { limit: 1, signal: stop.signal });
    expect(outcomes.map(({ item }) => item)).toEqual([1, 2]);
  });
});

describe("CSV", () => {
  it("quotes, and lets nothing pass for a formula", () => {
    expect([`a,"b"`, "=1+1", "-5", "@x", "+49", null, ["a", "b"], 3].map(csvCell)).toEqual([`"a,""b"""`, "'=1+1", "-5", "'@x", "'+49", "", "a b", "3"]);
    expect(toCsv(["a"], [["x\ny"]])).toBe('a\r\n"x\ny"\r\n');
  });
});

describe("filter tokens", () => {
  it("leave the text and become filters", () => {
    expect(readTokens("status:failed invoice tag:billing", {})).toEqual({ status: ["Failed"], tag: "billing", q: "invoice" });
    expect(readTokens('tag:"cold storage" priority:HIGH', { priority: ["Low"] })).toEqual({ tag: "cold storage", priority: ["Low", "High"], q: undefined });
    expect(readTokens("status:nope x", {})).toEqual({ q: "status:nope x" });
  });
});

describe("the strip of a row", () => {
  it("changes only the jobs that something happened to", () => {
    const run = (run_id: string, job_id: string, second: number, status = "Running") => ({ run_id, job_id, status, created_at: `2026-11-25T01:00:${String(second).padStart(2, "0")}Z` }) as Run;
    const first = addRecent(new Map(), [run("a", "j", 1), run("b", "j", 2), run("c", "k", 3)]);
    const next = addRecent(first, [run("a", "j", 1, "Completed")]);
    expect(next.get("j")?.map(({ run_id, status }) => [run_id, status])).toEqual([["b", "Running"], ["a", "Completed"]]);
    expect(next.get("k")).toBe(first.get("k"));
    expect(addRecent(next, Array.from({ length: 40 }, (_, index) => run(`x${index}`, "j", index))).get("j")).toHaveLength(20);
    expect(addRecent(next, [])).toBe(next);
  });
});

describe("runs in place", () => {
  it("changes known ones only", () => {
    const runs = [{ run_id: "a", status: "Running" }, { run_id: "b", status: "Running" }] as Run[];
    const event = (run_id: string) => ({ type: "run.completed", data: { run: { run_id, status: "Completed" } } }) as unknown as LiveEvent;
    const next = patchKnownRuns(runs, [event("b"), event("c")]);
    expect(next.map(({ status }) => status)).toEqual(["Running", "Completed"]);
    expect(next[0]).toBe(runs[0]);
    expect(patchKnownRuns(runs, [event("x")])).toBe(runs);
  });
});
