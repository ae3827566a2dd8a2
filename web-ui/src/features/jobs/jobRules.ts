import { byteLength } from "@/lib/format";
import { checkJson, losesNumbers } from "@/lib/json";
import { remindRule } from "@/features/notices/policy";
import { validateSchedule } from "@/features/schedules/values";
import { strings } from "@/lib/strings";
import { validateHttp } from "./httpForm";
import { delaysFrom } from "./jobForm";
import type { JobValues } from "./jobValues";

const t = strings.jobs;

export const PAYLOAD_LIMIT = 256 * 1024;
const DAY_SECONDS = 86_400;
const MONTH_SECONDS = 30 * DAY_SECONDS;

function numberRule(value: string, low: number, high: number, whole = true): string | undefined {
  if (!value.trim()) return strings.common.required;
  const number = Number(value);
  if (!Number.isFinite(number)) return t.rules.number;
  if (whole && !Number.isInteger(number)) return t.rules.whole;
  if (number < low || number > high) return t.rules.range(low.toLocaleString("en"), high.toLocaleString("en"));
  return undefined;
}

export function payloadRule(payload: string): string | undefined {
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
    job_name: !name ? strings.common.required : [...name].length > 200 ? t.rules.nameLong : undefined,
    payload: payloadRule(values.payload),
    timeout_seconds: values.timeout_seconds.trim() ? numberRule(values.timeout_seconds, 1, DAY_SECONDS) : undefined,
    "retry.max_attempts": numberRule(values.max_attempts, 1, 100),
  };
  if (values.executor_type === "simulated") {
    errors["executor.duration_ms"] = numberRule(values.duration_seconds, 0, DAY_SECONDS, false);
    errors["executor.failure_rate"] = numberRule(values.failure_percent, 0, 100, false);
  }
  if (values.executor_type === "http") Object.assign(errors, validateHttp(values.http));
  if (values.executor_type === "worker") errors["executor.queue"] = /^[\x21-\x7e]{1,100}$/.test(values.queue.trim()) ? undefined : t.rules.queue;
  if (values.executor_type === "heartbeat") {
    errors["executor.grace_seconds"] = numberRule(values.grace_seconds, 0, DAY_SECONDS);
    if (values.schedule.kind === "none") errors.schedule = t.rules.heartbeatSchedule;
  }
  Object.assign(errors, validateSchedule(values.schedule));
  if (values.run_timeout_seconds.trim()) errors.run_timeout_seconds = numberRule(values.run_timeout_seconds, 1, MONTH_SECONDS);
  if (values.overlap === "allow" && values.max_running.trim()) errors.max_running = numberRule(values.max_running, 1, 10_000);
  if (values.catch_up_policy !== "none") errors["catch_up.window_seconds"] = numberRule(values.catch_up_hours, 0, 720, false);
  if (values.catch_up_policy === "all") errors["catch_up.max_runs"] = numberRule(values.catch_up_runs, 1, 1000);
  if (Number(values.max_attempts) > 1 && values.backoff === "list") {
    const delays = delaysFrom(values.delays);
    errors["retry.delays"] = delays.length === 0 || delays.length > 100 || delays.some((delay) => !Number.isInteger(delay) || delay < 0 || delay > 7 * DAY_SECONDS) ? t.rules.delays : undefined;
  } else if (Number(values.max_attempts) > 1) {
    errors["retry.initial_seconds"] = numberRule(values.initial_seconds, 1, DAY_SECONDS);
    errors["retry.max_seconds"] = numberRule(values.max_seconds, 1, 7 * DAY_SECONDS);
    if (!errors["retry.initial_seconds"] && !errors["retry.max_seconds"] && Number(values.max_seconds) < Number(values.initial_seconds)) {
      errors["retry.max_seconds"] = t.rules.maxBelowFirst;
    }
  }
  if (values.own_notices) errors["notices.remind_hours"] = remindRule(values.notices.remind_hours);
  return errors;
}
