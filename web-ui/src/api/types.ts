/** The API's shapes. Words are open: a newer server may send ones this list does not know. */
export type RunStatus = "Queued" | "Running" | "Retrying" | "Completed" | "Failed" | "Cancelled";
export type JobStatus = "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
export type Priority = "Low" | "Medium" | "High" | "Critical";
export type Backoff = "fixed" | "linear" | "exponential";

export interface Page<T> {
  data: T[];
  has_more: boolean;
  next_cursor: string | null;
}

export interface Meta {
  version: string;
  setup_required: boolean;
  mail_mode: "developer" | "smtp" | "file";
  dev_mailbox: boolean;
  sign_up: "open" | "closed";
}

export interface User {
  user_id: string;
  full_name: string;
  email: string;
  phone: string | null;
  role: "customer" | "admin";
  status: "Unverified" | "Active" | "Deactivated";
  is_active: boolean;
  last_login: string | null;
  time_zone: string | null;
  created_at: string;
  updated_at: string;
}

export interface Challenge {
  challenge_id: string;
  expires_at: string;
  resend_after: string;
}

export interface TokenAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  user: User;
}

export interface SimulatedExecutor {
  type: "simulated";
  duration_ms: number;
  outcome: "Completed" | "Failed" | "Cancelled";
}
export type Executor = SimulatedExecutor | ({ type: "http" | "worker" | "heartbeat" } & Record<string, unknown>);

export interface Retry {
  max_attempts: number;
  backoff: Backoff;
  initial_seconds: number;
  max_seconds: number;
  jitter: number;
  delays?: number[] | null;
}

export interface RunError {
  code?: string | null;
  message: string;
}

export interface RunTrigger {
  type: string;
  planned_at?: string | null;
  run_id?: string | null;
  user_id?: string | null;
  api_key_id?: string | null;
}

export interface Attempt {
  attempt: number;
  started_at: string | null;
  finished_at: string | null;
  outcome: string | null;
  error: RunError | null;
  node?: string | null;
  worker_name?: string | null;
}

export interface Run {
  run_id: string;
  job_id: string;
  job_name: string;
  status: RunStatus;
  reason: string | null;
  trigger: RunTrigger;
  attempt: number;
  max_attempts: number;
  crashes: number;
  progress: number | null;
  result?: unknown;
  error: RunError | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  retry_at: string | null;
  cancel_requested_at: string | null;
  /** Only in `GET /runs/{id}`. */
  payload?: unknown;
  attempts?: Attempt[];
}

export interface Job {
  job_id: string;
  job_name: string;
  priority: Priority;
  description: string | null;
  payload: unknown;
  status: JobStatus;
  completed_at: string | null;
  created_by: string;
  created_at: string;
  updated_at: string;
  executor: Executor;
  schedule: ({ type: string } & Record<string, unknown>) | null;
  retry: Retry;
  timeout_seconds: number | null;
  overlap: string;
  next_run_at: string | null;
  last_run: Run | null;
  paused: boolean;
  tags: string[];
  external_id: string | null;
  version: number;
}

export interface JobDraft {
  job_name: string;
  priority: Priority;
  description: string | null;
  tags: string[];
  external_id: string | null;
  payload: unknown;
  executor: Executor;
  timeout_seconds: number | null;
  retry: Retry;
  run?: boolean;
}

export type Counts = Record<JobStatus | "total", number>;

export interface ThroughputPoint {
  at: string;
  completed: number;
  failed: number;
  cancelled: number;
}

export interface Dashboard {
  counts: Counts;
  runs: { Completed: number; Failed: number; Cancelled: number };
  success_rate: number | null;
  duration_ms: { p50: number | null; p95: number | null };
  throughput: ThroughputPoint[];
  running: Run[];
  upcoming: { job_id: string; job_name: string; next_run_at: string }[];
  attention: { kind: string; job_id: string | null; message: string }[];
}

export interface LiveEvent {
  id: string;
  cursor: string;
  type: string;
  timestamp: string;
  data: {
    job_id?: string | null;
    job_name?: string | null;
    status?: JobStatus | null;
    previous_status?: JobStatus | null;
    run?: Run | null;
  };
}

export interface Webhook {
  webhook_id: string;
  url: string;
  types: string[];
  description: string | null;
  headers: Record<string, string> | null;
  enabled: boolean;
  disabled_reason: string | null;
  created_at: string;
  updated_at: string;
  secret?: string | null;
  version?: number | null;
}

export interface DeliveryAttempt {
  attempt: number;
  at: string;
  status_code: number | null;
  duration_ms: number | null;
  request_headers?: Record<string, string> | null;
  response_body?: string | null;
  error?: string | null;
}

export interface Delivery {
  delivery_id: string;
  webhook_id: string;
  event_id: string;
  type: string;
  status: "Pending" | "Delivered" | "Failed";
  next_attempt_at: string | null;
  created_at: string;
  attempts: DeliveryAttempt[];
  /** The body as it was sent, where the server shows it. */
  payload?: unknown;
}

export interface Session {
  session_id: string;
  current: boolean;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  user_agent: string | null;
  ip: string | null;
}

export interface Mail {
  id: string;
  to: string;
  subject: string;
  at: string;
  text: string;
  html: string | null;
}
