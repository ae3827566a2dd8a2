import type { CatchUpPolicy, Overlap, SimulatedExecutor } from "@/api/engine";
import type { Backoff, Priority } from "@/api/types";
import { emptyNotices, type NoticeValues } from "@/features/notices/policy";
import { emptySchedule, SCHEDULE_PATHS, type ScheduleValues } from "@/features/schedules/values";
import { emptyHttp, type HttpValues } from "./httpForm";

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
  failure_percent: string;
  http: HttpValues;
  queue: string;
  grace_seconds: string;
  schedule: ScheduleValues;
  timeout_seconds: string;
  run_timeout_seconds: string;
  max_attempts: string;
  /** `list`: own waits, in `delays`. */
  backoff: Backoff | "list";
  delays: string;
  initial_seconds: string;
  max_seconds: string;
  jitter: number;
  retry_on: string[];
  overlap: Overlap;
  max_running: string;
  catch_up_policy: CatchUpPolicy;
  catch_up_hours: string;
  catch_up_runs: string;
  /** Whether the job has a choice of its own; otherwise that of the account holds. */
  own_notices: boolean;
  notices: NoticeValues;
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
  "executor.failure_rate",
  "executor.method",
  "executor.url",
  "executor.headers",
  "executor.secret_headers",
  "executor.body",
  "executor.expect",
  "executor.queue",
  "executor.grace_seconds",
  ...SCHEDULE_PATHS,
  "timeout_seconds",
  "run_timeout_seconds",
  "retry.max_attempts",
  "retry.backoff",
  "retry.initial_seconds",
  "retry.max_seconds",
  "retry.delays",
  "retry.on",
  "overlap",
  "max_running",
  "catch_up.policy",
  "catch_up.window_seconds",
  "catch_up.max_runs",
  "notices.remind_hours",
] as const;

export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export const emptyValuesIn = (zone: string): JobValues => ({
  job_name: "",
  priority: "Medium",
  description: "",
  tags: [],
  external_id: "",
  payload: "",
  executor_type: "simulated",
  duration_seconds: "3",
  outcome: "Completed",
  failure_percent: "0",
  http: emptyHttp,
  queue: "default",
  grace_seconds: "60",
  schedule: emptySchedule(zone),
  timeout_seconds: "",
  run_timeout_seconds: "",
  max_attempts: "1",
  backoff: "exponential",
  delays: "",
  initial_seconds: "10",
  max_seconds: "3600",
  jitter: 0.2,
  retry_on: [],
  overlap: "skip",
  max_running: "",
  catch_up_policy: "last",
  catch_up_hours: "24",
  catch_up_runs: "100",
  own_notices: false,
  notices: emptyNotices,
});
export const emptyValues: JobValues = emptyValuesIn(browserZone);
