import type { Schedule } from "@/api/engine";
import type { Executor, Job, JobDraft } from "@/api/types";
import { scheduleFrom, scheduleValuesFrom } from "@/features/schedules/values";
import { noticeValuesFrom, policyFrom } from "@/features/notices/policy";
import { parseJson } from "@/lib/json-parse";
import { httpFrom, httpValuesFrom } from "./httpForm";
import { browserZone, emptyValues, emptyValuesIn, type JobValues } from "./jobValues";

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

export function valuesFrom(job: Job, zone: string = browserZone): JobValues {
  const executor = job.executor;
  const simulated = executor.type === "simulated" ? executor : null;
  const base = emptyValuesIn(zone);
  return {
    job_name: job.job_name,
    priority: job.priority,
    description: job.description ?? "",
    tags: [...job.tags],
    external_id: job.external_id ?? "",
    payload: job.payload === null || job.payload === undefined ? "" : JSON.stringify(job.payload, null, 2),
    executor_type: executor.type,
    duration_seconds: simulated ? String(simulated.duration_ms / 1000) : base.duration_seconds,
    outcome: simulated?.outcome ?? "Completed",
    failure_percent: String(Math.round((simulated?.failure_rate ?? 0) * 1000) / 10),
    http: executor.type === "http" ? httpValuesFrom(executor) : base.http,
    queue: executor.type === "worker" ? executor.queue : base.queue,
    grace_seconds: executor.type === "heartbeat" ? text(executor.grace_seconds) : base.grace_seconds,
    schedule: scheduleValuesFrom(job.schedule, zone),
    timeout_seconds: text(job.timeout_seconds),
    run_timeout_seconds: text(job.run_timeout_seconds),
    max_attempts: text(job.retry.max_attempts),
    backoff: job.retry.delays?.length ? "list" : job.retry.backoff,
    delays: (job.retry.delays ?? []).join(", "),
    initial_seconds: text(job.retry.initial_seconds),
    max_seconds: text(job.retry.max_seconds),
    jitter: job.retry.jitter,
    retry_on: [...(job.retry.on ?? [])],
    overlap: job.overlap ?? base.overlap,
    max_running: text(job.max_running),
    catch_up_policy: job.catch_up?.policy ?? base.catch_up_policy,
    catch_up_hours: job.catch_up ? text(job.catch_up.window_seconds / 3600) : base.catch_up_hours,
    catch_up_runs: job.catch_up ? text(job.catch_up.max_runs) : base.catch_up_runs,
    own_notices: Boolean(job.notices),
    notices: job.notices ? noticeValuesFrom(job.notices) : base.notices,
  };
}

/** A copy to start a new job from. */
export const duplicateFrom = (job: Job, zone?: string): JobValues => ({
  ...valuesFrom(job, zone),
  job_name: `${job.job_name} (copy)`,
  external_id: "",
});

const optional = (value: string): number | null => (value.trim() ? Number(value) : null);
export const delaysFrom = (list: string): number[] => list.split(/[\s,;]+/).filter(Boolean).map(Number);

function executorFrom(values: JobValues): Executor {
  if (values.executor_type === "http") return httpFrom(values.http);
  if (values.executor_type === "worker") return { type: "worker", queue: values.queue.trim() };
  if (values.executor_type === "heartbeat") return { type: "heartbeat", grace_seconds: Number(values.grace_seconds) };
  const rate = Number(values.failure_percent) / 100;
  return {
    type: "simulated",
    duration_ms: Math.round(Number(values.duration_seconds) * 1000),
    outcome: values.outcome,
    ...(rate > 0 ? { failure_rate: rate } : {}),
  };
}

export function draftFrom(values: JobValues): JobDraft {
  return {
    job_name: values.job_name.trim(),
    priority: values.priority,
    description: values.description.trim() || null,
    tags: values.tags,
    external_id: values.external_id.trim() || null,
    payload: values.payload.trim() ? parseJson(values.payload) : null,
    executor: executorFrom(values),
    schedule: scheduleFrom(values.schedule),
    timeout_seconds: optional(values.timeout_seconds),
    run_timeout_seconds: optional(values.run_timeout_seconds),
    retry: {
      max_attempts: Number(values.max_attempts),
      backoff: values.backoff === "list" ? "fixed" : values.backoff,
      initial_seconds: Number(values.initial_seconds),
      max_seconds: Number(values.max_seconds),
      jitter: values.jitter,
      ...(values.backoff === "list" ? { delays: delaysFrom(values.delays) } : {}),
      ...(values.retry_on.length > 0 ? { on: values.retry_on } : {}),
    },
    overlap: values.overlap,
    max_running: values.overlap === "allow" ? optional(values.max_running) : null,
    catch_up: {
      policy: values.catch_up_policy,
      window_seconds: Math.round(Number(values.catch_up_hours) * 3600),
      max_runs: Number(values.catch_up_runs),
    },
    notices: values.own_notices ? policyFrom(values.notices) : null,
  };
}

/** What a new job sends: what is left at its default is left out. */
export function creationFrom(values: JobValues): Partial<JobDraft> {
  const { job_name, executor, retry, ...draft } = draftFrom(values);
  const plain = draftFrom(emptyValues) as Record<string, unknown>;
  const chosen = Object.entries(draft).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(plain[key]));
  return { job_name, executor, retry, ...Object.fromEntries(chosen) };
}

/** Which values of the form make up which field of the job. */
const SOURCES: Record<Exclude<keyof JobDraft, "run">, (keyof JobValues)[]> = {
  job_name: ["job_name"],
  priority: ["priority"],
  description: ["description"],
  tags: ["tags"],
  external_id: ["external_id"],
  payload: ["payload"],
  executor: ["executor_type", "duration_seconds", "outcome", "failure_percent", "http", "queue", "grace_seconds"],
  schedule: ["schedule"],
  timeout_seconds: ["timeout_seconds"],
  run_timeout_seconds: ["run_timeout_seconds"],
  retry: ["max_attempts", "backoff", "delays", "initial_seconds", "max_seconds", "retry_on"],
  overlap: ["overlap"],
  max_running: ["max_running", "overlap"],
  catch_up: ["catch_up_policy", "catch_up_hours", "catch_up_runs"],
  notices: ["own_notices", "notices"],
};
const FORMS = ["simulated", "http", "worker", "heartbeat"];

/**
 * What a PATCH sends: only what the person changed. A payload nobody touched is never sent back, and a job
 * of a kind this form does not know keeps its executor.
 */
export function changesBetween(before: JobValues, after: JobValues): Partial<JobDraft> {
  const draft = draftFrom(after);
  const was = draftFrom(before);
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const changed = (Object.keys(SOURCES) as (keyof typeof SOURCES)[]).filter((field) => {
    if (field === "executor" && !FORMS.includes(after.executor_type)) return false;
    return SOURCES[field].some((key) => !same(before[key], after[key])) && !same(was[field], draft[field]);
  });
  const changes: Partial<JobDraft> = Object.fromEntries(changed.map((field) => [field, draft[field]]));
  // What is taken away must be said: a field that is left out stays as it is.
  if (changes.retry && was.retry.delays && !draft.retry.delays) changes.retry = { ...changes.retry, delays: null };
  if (changes.retry && was.retry.on && !draft.retry.on) changes.retry = { ...changes.retry, on: null };
  return changes;
}

export const scheduleOf = (values: JobValues): Schedule | null => scheduleFrom(values.schedule);

export const isDirty = (before: JobValues, after: JobValues): boolean => JSON.stringify(before) !== JSON.stringify(after);
