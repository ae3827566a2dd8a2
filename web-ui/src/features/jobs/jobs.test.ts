import { describe, expect, it } from "vitest";
import type { Job } from "@/api/types";
import { changesBetween, creationFrom, draftFrom, duplicateFrom, isDirty, valuesFrom } from "./jobForm";
import { emptyValues } from "./jobValues";
import { validateJob } from "./jobRules";
import { addTags } from "./TagInput";
import { paramsFromQuery, queryFromParams } from "./useJobQuery";

const job = {
  job_name: "Export", priority: "High", description: null, tags: ["a"], external_id: "x-1", payload: { a: 1 }, executor: { type: "simulated", duration_ms: 2500, outcome: "Failed" }, schedule: null,
  timeout_seconds: 60, retry: { max_attempts: 3, backoff: "fixed", initial_seconds: 5, max_seconds: 50, jitter: 0.5 },
} as unknown as Job;

describe("the job form", () => {
  it("reads a job and writes the same back", () => {
    const draft = draftFrom(valuesFrom(job));
    expect(draft).toMatchObject({
      job_name: "Export", priority: "High", description: null, tags: ["a"], external_id: "x-1", payload: { a: 1 },
      executor: { type: "simulated", duration_ms: 2500, outcome: "Failed" }, timeout_seconds: 60, retry: { max_attempts: 3, backoff: "fixed", initial_seconds: 5, max_seconds: 50, jitter: 0.5 },
    });
  });
  it("sends only what was changed", () => {
    const before = valuesFrom(job);
    expect(changesBetween(before, before)).toEqual({});
    expect(changesBetween(before, { ...before, job_name: " New ", duration_seconds: "4" })).toEqual({ job_name: "New", executor: { type: "simulated", duration_ms: 4000, outcome: "Failed" } });
    expect(changesBetween(before, { ...before, payload: "", timeout_seconds: "" })).toEqual({ payload: null, timeout_seconds: null });
  });
  it("leaves the executor of a kind it does not know alone", () => {
    const before = { ...valuesFrom(job), executor_type: "heartbeat" };
    expect(changesBetween(before, { ...before, priority: "Low", duration_seconds: "9" })).toEqual({ priority: "Low" });
  });
  it("sends of a new job only what was chosen", () => {
    const http = { ...emptyValues.http, url: " https://x.example/a ", headers: [{ name: "Authorization", value: "Bearer 1", secret: true }, { name: "X-Key", value: "k", secret: true }, { name: "", value: "", secret: false }] };
    expect(creationFrom({ ...emptyValues, job_name: "A", executor_type: "http", http, overlap: "allow", max_running: "3" })).toEqual({
      job_name: "A",
      executor: { type: "http", method: "POST", url: "https://x.example/a", headers: { Authorization: "Bearer 1", "X-Key": "k" }, secret_headers: ["X-Key"], expect: "2xx" },
      retry: { max_attempts: 1, backoff: "exponential", initial_seconds: 10, max_seconds: 3600, jitter: 0.2 },
      overlap: "allow",
      max_running: 3,
    });
  });
  it("keeps a hidden header as it is, and takes lists away in so many words", () => {
    const saved = { ...job, executor: { type: "http", method: "GET", url: "https://x.example", headers: { Authorization: "***" }, secret_headers: [], expect: "2xx" }, retry: { ...job.retry, delays: [1, 5], on: ["timeout"] } } as unknown as Job;
    const before = valuesFrom(saved);
    expect(before).toMatchObject({ backoff: "list", delays: "1, 5", http: { headers: [{ name: "Authorization", value: "***", secret: true }], body_kind: "payload" } });
    expect(changesBetween(before, { ...before, http: { ...before.http, url: "https://y.example" } })).toEqual({ executor: { ...saved.executor, url: "https://y.example" } });
    expect(changesBetween(before, { ...before, backoff: "fixed", retry_on: [] }).retry).toMatchObject({ backoff: "fixed", delays: null, on: null });
  });
  it("sends an own body as text or as JSON", () => {
    const http = { ...emptyValues.http, url: "https://x.example", body: '{"a": "{{payload.b}}"}' };
    const bodyOf = (body_kind: "text" | "json") => draftFrom({ ...emptyValues, executor_type: "http", http: { ...http, body_kind } }).executor;
    expect(bodyOf("text")).toMatchObject({ body: '{"a": "{{payload.b}}"}' });
    expect(bodyOf("json")).toMatchObject({ body: { a: "{{payload.b}}" } });
    const saved = { ...job, executor: bodyOf("json") } as unknown as Job;
    expect(valuesFrom(saved).http).toMatchObject({ body_kind: "json" });
    expect(validateJob({ ...emptyValues, job_name: "x", executor_type: "http", http: { ...http, body_kind: "json", body: "{" } })["executor.body"]).toMatch(/Line 1/);
  });
  it("sets and removes a schedule", () => {
    const before = valuesFrom(job);
    const after = { ...before, schedule: { ...before.schedule, kind: "interval" as const, every: "2", unit: "hours" as const } };
    expect(changesBetween(before, after)).toEqual({ schedule: { type: "interval", every_seconds: 7200 } });
    expect(changesBetween(after, before)).toEqual({ schedule: null });
  });
  it("copies without the key that must be unique", () => expect(duplicateFrom(job)).toMatchObject({ job_name: "Export (copy)", external_id: "" }));
  it("knows when something is unsaved", () => {
    expect(isDirty(emptyValues, { ...emptyValues })).toBe(false);
    expect(isDirty(emptyValues, { ...emptyValues, tags: ["x"] })).toBe(true);
  });
});

describe("validateJob", () => {
  const errorsOf = (changes: Partial<typeof emptyValues>) => Object.fromEntries(Object.entries(validateJob({ ...emptyValues, job_name: "x", ...changes })).filter(([, message]) => message));
  it("needs a name only", () => {
    expect(errorsOf({})).toEqual({});
    expect(errorsOf({ job_name: "  " })).toHaveProperty("job_name");
  });
  it.each([
    ["executor.duration_ms", { duration_seconds: "" }],
    ["executor.duration_ms", { duration_seconds: "-1" }],
    ["executor.duration_ms", { duration_seconds: "86401" }],
    ["executor.duration_ms", { duration_seconds: "soon" }],
    ["executor.url", { executor_type: "http" }],
    ["executor.url", { executor_type: "http", http: { ...emptyValues.http, url: "ftp://x" } }],
    ["executor.headers", { executor_type: "http", http: { ...emptyValues.http, url: "https://x", headers: [{ name: "Host", value: "y", secret: false }] } }],
    ["executor.expect", { executor_type: "http", http: { ...emptyValues.http, url: "https://x", expect: "fine" } }],
    ["executor.queue", { executor_type: "worker", queue: "two words" }],
    ["schedule.expression", { schedule: { ...emptyValues.schedule, kind: "cron" as const, expression: "" } }],
    ["retry.delays", { max_attempts: "3", backoff: "list" as const, delays: "1, soon" }],
    ["max_running", { overlap: "allow" as const, max_running: "0" }],
    ["timeout_seconds", { timeout_seconds: "0" }],
    ["timeout_seconds", { timeout_seconds: "1.5" }],
    ["retry.max_attempts", { max_attempts: "0" }],
    ["retry.max_seconds", { max_attempts: "2", initial_seconds: "10", max_seconds: "5" }],
    ["payload", { payload: "{" }],
    ["payload", { payload: `"${"x".repeat(270_000)}"` }],
  ])("refuses a bad %s", (field, changes) => expect(Object.keys(errorsOf(changes))).toEqual([field]));
  it("does not look at waits that are not used", () => expect(errorsOf({ initial_seconds: "", max_seconds: "" })).toEqual({}));
});

describe("filters in the address", () => {
  it("come back as they went", () => {
    const query = { status: ["Failed", "Running"], priority: ["High"], q: "a b", tag: "x&y", sort: "job_name" };
    expect(queryFromParams(paramsFromQuery(query))).toEqual(query);
    expect(paramsFromQuery(query).toString()).toBe("status=Failed&status=Running&priority=High&q=a+b&tag=x%26y&sort=job_name");
  });
  it("leave out what is no filter", () => {
    expect(queryFromParams(new URLSearchParams("status=Nope&status=Failed&status=Failed&priority=&q=+&sort=evil&x=1"))).toEqual({ status: ["Failed"] });
    expect(paramsFromQuery({ sort: "-created_at" }).toString()).toBe("");
  });
});

describe("tags", () => {
  it("are split at commas, trimmed, and each is there once", () => expect(addTags(["a"], " b, a ,,c ")).toEqual(["a", "b", "c"]));
});
