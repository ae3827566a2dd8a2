import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { setToken } from "@/api/token";
import type { Job, LiveEvent, Run } from "@/api/types";
import { answeredJob, patchJob, patchJobs, patchRun, patchRuns } from "./patch";
import { backoff, readMessage, SeenIds } from "./protocol";
import { LiveSocket, type LiveState } from "./socket";

const run = (changes: Partial<Run> = {}): Run => ({
  run_id: "r1", job_id: "j1", job_name: "Job", status: "Queued", reason: null, trigger: { type: "manual" }, attempt: 1, max_attempts: 1, crashes: 0, progress: null, progress_message: null, queue: null, worker_name: null, result: null, error: null,
  created_at: "2026-11-24T12:00:00Z", started_at: null, finished_at: null, duration_ms: null, retry_at: null, cancel_requested_at: null, ...changes,
});
const job = (changes: Partial<Job> = {}): Job => ({ job_id: "j1", job_name: "Job", status: "Pending", last_run: null, completed_at: null, paused: false, ...changes }) as Job;
const event = (type: LiveEvent["type"], data: LiveEvent["data"], id = Math.random().toString()): LiveEvent => ({ id, cursor: id, type, timestamp: "2026-11-24T12:00:01Z", data: { job_id: "j1", job_name: "Job", ...data } });

describe("patching", () => {
  it("moves a job with its run", () => {
    const running = patchJob(job(), event("run.started", { status: "Running", run: run({ status: "Running" }) }));
    expect(running).toMatchObject({ status: "Running", last_run: { status: "Running" } });
    const done = patchJob(running, event("run.completed", { status: "Completed", run: run({ status: "Completed", finished_at: "2026-11-24T12:00:04Z" }) }));
    expect(done).toMatchObject({ status: "Completed", completed_at: "2026-11-24T12:00:04Z" });
  });
  it("is not moved by an older run, nor by another job", () => {
    const known = job({ status: "Running", last_run: run({ run_id: "r2", created_at: "2026-11-24T13:00:00Z" }) });
    expect(patchJob(known, event("run.completed", { status: "Completed", run: run({ status: "Completed" }) }))).toBe(known);
    expect(patchJob(known, event("run.completed", { job_id: "j2", status: "Completed" }))).toBe(known);
  });
  it("is not moved back by an answer that the events overtook", () => {
    const running = patchJob(job(), event("run.started", { status: "Running", run: run({ status: "Running" }) }));
    expect(answeredJob(running, job({ version: 2, last_run: run() }))).toMatchObject({ status: "Running", version: 2, last_run: { status: "Running" } });
    expect(answeredJob(running, job({ last_run: null }))).toMatchObject({ status: "Running", last_run: { status: "Running" } });
    const again = job({ last_run: run({ run_id: "r2", created_at: "2026-11-24T13:00:00Z" }) });
    expect(answeredJob(again, running).last_run?.run_id).toBe("r2");
  });
  it("follows an answer that knows more than the events told", () => {
    const queued = job({ last_run: run() });
    expect(answeredJob(queued, job({ status: "Completed", last_run: run({ status: "Completed" }) })).status).toBe("Completed");
    expect(answeredJob(job({ status: "Completed", last_run: run({ status: "Completed" }) }), again()).last_run?.run_id).toBe("r2");
    expect(answeredJob(job({ job_id: "j2", last_run: run({ job_id: "j2" }) }), queued).job_id).toBe("j2");
    function again() {
      return job({ last_run: run({ run_id: "r2", created_at: "2026-11-24T13:00:00Z" }) });
    }
  });
  it("keeps the list and its untouched rows as they are", () => {
    const list = [job(), job({ job_id: "j2" })];
    expect(patchJobs(list, [event("run.started", { job_id: "j9", status: "Running" })])).toBe(list);
    const next = patchJobs(list, [event("run.started", { status: "Running", run: run({ status: "Running" }) })]);
    expect(next[1]).toBe(list[1]);
    expect(next[0]?.status).toBe("Running");
  });
  it("keeps what events leave out of a run", () => {
    const known = { ...run(), payload: { a: 1 }, attempts: [] };
    expect(patchRun(known, event("run.started", { run: run({ status: "Running" }) }))).toMatchObject({ status: "Running", payload: { a: 1 }, attempts: [] });
    expect(patchRun(known, event("run.started", { run: run({ run_id: "other" }) }))).toBe(known);
  });
  it("puts a new run first, and changes a known one in its place", () => {
    const list = [run({ run_id: "r2" }), run()];
    expect(patchRuns(list, [event("run.queued", { run: run({ run_id: "r3" }) })], "j1").map(({ run_id }) => run_id)).toEqual(["r3", "r2", "r1"]);
    expect(patchRuns(list, [event("run.started", { run: run({ status: "Running" }) })], "j1")[1]?.status).toBe("Running");
    expect(patchRuns(list, [event("run.queued", { job_id: "j2", run: run({ run_id: "r3" }) })], "j1")).toBe(list);
  });
});

describe("protocol", () => {
  it("reads messages and ignores what it does not know", () => {
    expect(readMessage('{"type":"ready","cursor":"c"}')).toEqual({ kind: "ready", cursor: "c" });
    expect(readMessage('{"type":"resync","cursor":"c"}')).toEqual({ kind: "resync", cursor: "c" });
    expect(readMessage(JSON.stringify(event("run.started", {}))).kind).toBe("event");
    for (const odd of ["", "nonsense", "null", "1", '{"type":"hello"}', 5]) expect(readMessage(odd).kind).toBe("other");
  });
  it("waits longer each time, with jitter, up to a limit", () => {
    expect(backoff(0, () => 0.5)).toBe(500);
    expect(backoff(3, () => 0.5)).toBe(4000);
    expect(backoff(99, () => 0.5)).toBe(15_000);
    expect(backoff(0, () => 0)).toBeLessThan(backoff(0, () => 1));
  });
  it("sees an id once, and forgets the oldest", () => {
    const seen = new SeenIds(2);
    expect([seen.add("a"), seen.add("a"), seen.add("b"), seen.add("c"), seen.add("a")]).toEqual([true, false, true, true, true]);
  });
});

class FakeSocket {
  static OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 1;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
  say(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

describe("LiveSocket", () => {
  const states: LiveState[] = [];
  const batches: LiveEvent[][] = [];
  const resync = vi.fn();
  let line: LiveSocket;
  const last = () => FakeSocket.all.at(-1)!;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", FakeSocket);
    FakeSocket.all.length = states.length = batches.length = 0;
    resync.mockClear();
    setToken("token", 600);
    line = new LiveSocket({ onState: (state) => states.push(state), onEvents: (batch) => batches.push(batch), onResync: resync });
    line.start();
    last().onopen?.();
  });
  afterEach(() => {
    line.stop();
    setToken(null);
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("authenticates by message, never by address", () => {
    expect(last().url).toBe("ws://localhost:3000/api/v1/ws");
    expect(JSON.parse(last().sent[0]!)).toEqual({ type: "authenticate", token: "token" });
  });

  it("hands events over in batches, each id once", () => {
    last().say({ type: "ready", cursor: "c0" });
    expect(states).toEqual(["live"]);
    expect(resync).toHaveBeenCalledTimes(1);
    const twice = event("run.started", {}, "e1");
    last().say(twice);
    last().say(twice);
    vi.advanceTimersByTime(1);
    for (let number = 2; number < 60; number += 1) last().say(event("run.started", {}, `e${number}`));
    expect(batches.length).toBeLessThanOrEqual(1);
    vi.advanceTimersByTime(300);
    expect(batches.length).toBe(2);
    expect(batches.flat().map(({ id }) => id)).toEqual(Array.from({ length: 59 }, (_, index) => `e${index + 1}`));
  });

  it("comes back by itself and resumes behind the last event", async () => {
    last().say({ type: "ready", cursor: "c0" });
    last().say(event("run.started", {}, "e7"));
    last().drop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(states).toContain("connecting");
    expect(FakeSocket.all).toHaveLength(2);
    last().onopen?.();
    expect(JSON.parse(last().sent[0]!)).toMatchObject({ since: "e7" });
    last().say({ type: "ready", cursor: "c9" });
    expect(states.at(-1)).toBe("live");
    // Resumed without a hole: nothing needs to be loaded again.
    expect(resync).toHaveBeenCalledTimes(1);
  });

  it("says that it is down when the second try fails too", async () => {
    last().say({ type: "ready", cursor: "c0" });
    last().drop();
    await vi.advanceTimersByTimeAsync(1000);
    last().drop();
    expect(states.at(-1)).toBe("down");
  });

  it("loads afresh when the server lost track", () => {
    last().say({ type: "ready", cursor: "c0" });
    last().say({ type: "resync", cursor: "c5" });
    expect(resync).toHaveBeenCalledTimes(2);
  });
});
