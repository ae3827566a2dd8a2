/**
 * The engine's shapes, as the contract says. Written by hand so that the forms can rely on closed words where the
 * API's own description leaves them open; what is read from the server may always hold more.
 */

export interface Bounds {
  start_at?: string | null;
  end_at?: string | null;
  jitter_seconds?: number | null;
}
export type OnGap = "unix" | "next_valid" | "skip" | "shift";
export type OnRepeat = "unix" | "first" | "second" | "both";

export type OnceSchedule = { type: "once"; at: string } & Bounds;
export type IntervalSchedule = { type: "interval"; every_seconds: number } & Bounds;
export type CronSchedule = { type: "cron"; expression: string; time_zone: string; on_gap?: OnGap; on_repeat?: OnRepeat } & Bounds;
export type Schedule = OnceSchedule | IntervalSchedule | CronSchedule;

export interface SimulatedExecutor {
  type: "simulated";
  duration_ms: number;
  outcome: "Completed" | "Failed";
  failure_rate?: number;
}
export const HTTP_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];
export interface HttpExecutor {
  type: "http";
  method: HttpMethod;
  url: string;
  headers: Record<string, string>;
  /** Text, or JSON; both may hold placeholders such as `{{payload.customer}}`. */
  body?: unknown;
  expect: string;
  secret_headers: string[];
}
export interface WorkerExecutor {
  type: "worker";
  queue: string;
}
/** Runs nothing: each planned instant expects a ping from outside. */
export interface HeartbeatExecutor {
  type: "heartbeat";
  grace_seconds: number;
}
export type Executor = SimulatedExecutor | HttpExecutor | WorkerExecutor | HeartbeatExecutor;

export type Overlap = "allow" | "skip" | "queue" | "cancel_running";
export type CatchUpPolicy = "none" | "last" | "all";
export interface CatchUp {
  policy: CatchUpPolicy;
  window_seconds: number;
  max_runs: number;
}
export interface RetryPolicy {
  max_attempts: number;
  backoff: "fixed" | "linear" | "exponential";
  initial_seconds: number;
  max_seconds: number;
  jitter: number;
  /** An own list of waits, in seconds; goes before `backoff`. */
  delays?: number[] | null;
  /** Only failures with one of these codes are tried again. */
  on?: string[] | null;
}

/** What the engine adds to a job; older servers send less. */
export interface EngineJob {
  executor: Executor;
  schedule: Schedule | null;
  retry: RetryPolicy;
  overlap: Overlap;
  catch_up: CatchUp;
  run_timeout_seconds?: number | null;
  max_running?: number | null;
  pause_reason?: string | null;
  paused_at?: string | null;
  paused_by?: string | null;
}

/** What an http run leaves behind. */
export interface HttpResult {
  status: number;
  headers: Record<string, string>;
  body: string;
  truncated: boolean;
}

export type OccurrenceOutcome = "Ran" | "Skipped" | "Missed" | "Paused" | "OutOfWindow";
export interface Occurrence {
  occurrence_id: string;
  job_id: string;
  planned_at: string;
  last_planned_at?: string | null;
  count?: number;
  outcome: OccurrenceOutcome;
  reason: string | null;
  run_id: string | null;
  recorded_at: string;
}

export type ClockNote = "gap_moved" | "gap_skipped" | "repeat_first" | "repeat_second";
export interface PreviewInstant {
  at: string;
  local: string;
  note: ClockNote | null;
}
export interface Preview {
  description: string;
  time_zone: string;
  data: PreviewInstant[];
}

export interface ImportLine {
  line: number;
  text: string;
  status: "ok" | "ignored" | "error";
  message: string | null;
  job?: unknown;
  /** The job of the line: made now, or by an import before. */
  job_id?: string;
  next?: (string | PreviewInstant)[];
}

export interface LogLine {
  line: number;
  at: string;
  level: "debug" | "info" | "warn" | "error";
  text: string;
}
export interface LogPage {
  data: LogLine[];
  has_more: boolean;
  next_cursor: string | null;
}

export interface Backfill {
  planned: number;
  first_at: string | null;
  last_at: string | null;
  started: number;
}

export interface Cadence {
  asked_seconds: number | null;
  real_seconds: number | null;
  explanation: string | null;
}

export interface EngineNode {
  node_id: string;
  name: string;
  version: string;
  started_at: string;
  seen_at: string;
  stopped_at?: string | null;
  alive: boolean;
  running: number;
  concurrency: number;
}

export interface Spread {
  p50: number | null;
  p99: number | null;
  max: number | null;
}
export interface EngineHealth {
  scheduler_lag_ms?: Spread;
  queue_depth?: number;
  oldest_queued_seconds?: number | null;
  running?: number;
  claim_batch?: Spread | number;
  completion_batch?: Spread | number;
  lease_losses?: number;
  webhook_lag_ms?: Spread | number | null;
  [more: string]: unknown;
}
export interface AdminDashboard {
  engine: EngineHealth;
  nodes: EngineNode[];
  counts?: Record<string, number>;
  [more: string]: unknown;
}
