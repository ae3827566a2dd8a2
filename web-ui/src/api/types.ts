/**
 * The API's shapes, from the server's own openapi.json (`npm run types`). Words are open: a newer server may
 * send ones that this list does not know, so nothing here may break on them.
 */
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type RunStatus = Schemas["RunStatus"];
export type JobStatus = Schemas["JobStatus"];
export type Priority = Schemas["Priority"];
export type Backoff = Schemas["Backoff"];

export interface Page<T> {
  data: T[];
  has_more: boolean;
  next_cursor: string | null;
}

export type Meta = Schemas["MetaOut"];
export type User = Schemas["User"];
export type Challenge = Schemas["Challenge"];
export type TokenAnswer = Schemas["Tokens"];
export type Session = Schemas["Session"];

export type SimulatedExecutor = Extract<Schemas["Executor"], { type: "simulated" }>;
/** Kinds that this dashboard has no form for yet are shown by their name. */
export type Executor = Schemas["Executor"] | ({ type: "http" | "worker" | "heartbeat" } & Record<string, unknown>);

export type Retry = Schemas["Retry"];
export type Attempt = Schemas["Attempt"];
/** `payload` and `attempts` come only with `GET /runs/{id}`. */
export type Run = Schemas["Run"] & Partial<Pick<Schemas["RunDetail"], "payload" | "attempts">>;
export type Job = Omit<Schemas["Job"], "executor" | "last_run"> & { executor: Executor; last_run: Run | null };

/** What the form sends: every field of it, where the API itself needs only a name. */
export type JobDraft = Required<Pick<Schemas["JobCreate"], "job_name" | "description" | "tags" | "external_id" | "payload" | "timeout_seconds">> & {
  priority: Priority;
  executor: SimulatedExecutor;
  retry: Retry;
  run?: boolean;
};

export type Counts = Schemas["Counts"];
export type Dashboard = Schemas["CustomerDashboard"];
export type ThroughputPoint = Schemas["PointOut"];
export type LiveEvent = Schemas["Event"];

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

export interface Mail {
  id: string;
  to: string;
  subject: string;
  at: string;
  text: string;
  html: string | null;
}
