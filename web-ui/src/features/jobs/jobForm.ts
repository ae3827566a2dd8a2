import type { Backoff, Job, JobDraft, Priority, SimulatedExecutor } from "@/api/types";
import { byteLength } from "@/lib/format";
import { checkJson, losesNumbers } from "@/lib/json";
import { parseJson } from "@/lib/json-parse";
import { strings } from "@/lib/strings";

const t = strings.jobs;

export const PAYLOAD_LIMIT = 256 * 1024;
const DAY_SECONDS = 86_400;

/** The form's values: what the person sees and types, so numbers are text. */
export interface JobValues {
  job_name: string;
  priority: Priority;
  description: string;
  tags: string[];
  external_id: string;
  payload: string;
  executor_type: string;
  duration_seconds: string;
  outcome: SimulatedExecutor["outcome"];
  timeout_seconds: string;
  max_attempts: string;
  backoff: Backoff;
  initial_seconds: string;
  max_seconds: string;
  jitter: number;
}

/** The server's paths for errors, each with the form's field that shows it. */
export const FIELD_PATHS = [
  "job_name",
  "priority",
  "description",
  "tags",
  "external_id",
  "payload",
  "executor.duration_ms",
  "executor.outcome",
  "timeout_seconds",
  "retry.max_attempts",
  "retry.backoff",
  "retry.initial_seconds",
  "retry.max_seconds",
] as const;

export const emptyValues: JobValues = {
  job_name: "",
  priority: "Medium",
  description: "",
  tags: [],
  external_id: "",
  payload: "",
  executor_type: "simulated",
  duration_seconds: "3",
  outcome: "Completed",
  timeout_seconds: "",
  max_attempts: "1",
  backoff: "exponential",
  initial_seconds: "10",
  max_seconds: "3600",
  jitter: 0.2,
};

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

export function valuesFrom(job: Job): JobValues {
  const executor = job.executor;
  const simulated = executor.type === "simulated" ? (executor as SimulatedExecutor) : null;
  return {
    job_name: job.job_name,
    priority: job.priority,
    description: job.description ?? "",
    tags: [...job.tags],
    external_id: job.external_id ?? "",
    payload: job.payload === null || job.payload === undefined ? "" : JSON.stringify(job.payload, null, 2),
    executor_type: executor.type,
    duration_seconds: simulated ? String(simulated.duration_ms / 1000) : emptyValues.duration_seconds,
    outcome: simulated?.outcome ?? "Completed",
    timeout_seconds: text(job.timeout_seconds),
    max_attempts: text(job.retry.max_attempts),
    backoff: job.retry.backoff,
    initial_seconds: text(job.retry.initial_seconds),
    max_seconds: text(job.retry.max_seconds),
    jitter: job.retry.jitter,
  };
}

/** A copy to start a new job from. */
export const duplicateFrom = (job: Job): JobValues => ({
  ...valuesFrom(job),
  job_name: `${job.job_name} (copy)`,
  external_id: "",
});

export function draftFrom(values: JobValues): JobDraft {
  return {
    job_name: values.job_name.trim(),
    priority: values.priority,
    description: values.description.trim() || null,
    tags: values.tags,
    external_id: values.external_id.trim() || null,
    payload: values.payload.trim() ? parseJson(values.payload) : null,
    executor: {
      type: "simulated",
      duration_ms: Math.round(Number(values.duration_seconds) * 1000),
      outcome: values.outcome,
    },
    timeout_seconds: values.timeout_seconds.trim() ? Number(values.timeout_seconds) : null,
    retry: {
      max_attempts: Number(values.max_attempts),
      backoff: values.backoff,
      initial_seconds: Number(values.initial_seconds),
      max_seconds: Number(values.max_seconds),
      jitter: values.jitter,
    },
  };
}

/**
 * What a PATCH sends: only what the person changed. A payload nobody touched is never sent back, and a job
 * of a kind this form does not know keeps its executor.
 */
export function changesBetween(before: JobValues, after: JobValues): Partial<JobDraft> {
  const draft = draftFrom(after);
  const differs = (...keys: (keyof JobValues)[]) => keys.some((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  const changes: Partial<JobDraft> = {};
  if (differs("job_name")) changes.job_name = draft.job_name;
  if (differs("priority")) changes.priority = draft.priority;
  if (differs("description")) changes.description = draft.description;
  if (differs("tags")) changes.tags = draft.tags;
  if (differs("external_id")) changes.external_id = draft.external_id;
  if (differs("payload")) changes.payload = draft.payload;
  if (after.executor_type === "simulated" && differs("executor_type", "duration_seconds", "outcome")) changes.executor = draft.executor;
  if (differs("timeout_seconds")) changes.timeout_seconds = draft.timeout_seconds;
  if (differs("max_attempts", "backoff", "initial_seconds", "max_seconds")) changes.retry = draft.retry;
  return changes;
}

export const isDirty = (before: JobValues, after: JobValues): boolean => JSON.stringify(before) !== JSON.stringify(after);

function numberRule(value: string, low: number, high: number, whole = true): string | undefined {
  if (!value.trim()) return t.rules.required;
  const number = Number(value);
  if (!Number.isFinite(number)) return t.rules.number;
  if (whole && !Number.isInteger(number)) return t.rules.whole;
  if (number < low || number > high) return t.rules.range(low.toLocaleString("en"), high.toLocaleString("en"));
  return undefined;
}

function payloadRule(payload: string): string | undefined {
  if (!payload.trim()) return undefined;
  if (byteLength(payload) > PAYLOAD_LIMIT) return t.payloadTooBig;
  const check = checkJson(payload);
  if (!check.ok) return t.payloadLine(check.message ?? "", check.line ?? 1, check.column ?? 1);
  // Browsers without JSON.rawJSON cannot pass such numbers on unchanged.
  if (losesNumbers(payload) && !("rawJSON" in JSON)) return t.payloadNumbers;
  return undefined;
}

export function validateJob(values: JobValues): Record<string, string | undefined> {
  const name = values.job_name.trim();
  const errors: Record<string, string | undefined> = {
    description: [...values.description].length > 4000 ? t.rules.descriptionLong : undefined,
    tags: values.tags.some((tag) => [...tag].length > 50) ? t.rules.tagLong : undefined,
    job_name: !name ? t.rules.required : [...name].length > 200 ? t.rules.nameLong : undefined,
    payload: payloadRule(values.payload),
    timeout_seconds: values.timeout_seconds.trim() ? numberRule(values.timeout_seconds, 1, DAY_SECONDS) : undefined,
    "retry.max_attempts": numberRule(values.max_attempts, 1, 100),
  };
  if (values.executor_type === "simulated") errors["executor.duration_ms"] = numberRule(values.duration_seconds, 0, DAY_SECONDS, false);
  if (Number(values.max_attempts) > 1) {
    errors["retry.initial_seconds"] = numberRule(values.initial_seconds, 1, DAY_SECONDS);
    errors["retry.max_seconds"] = numberRule(values.max_seconds, 1, 7 * DAY_SECONDS);
    if (!errors["retry.initial_seconds"] && !errors["retry.max_seconds"] && Number(values.max_seconds) < Number(values.initial_seconds)) {
      errors["retry.max_seconds"] = t.rules.maxBelowFirst;
    }
  }
  return errors;
}
