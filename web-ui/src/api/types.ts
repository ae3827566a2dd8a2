/**
 * The API's shapes, from the server's own openapi.json (`npm run types`), found by path: names of schemas may
 * change, paths may not. Words are open: a newer server may send ones that this list does not know, so
 * nothing here may break on them.
 */
import type { EngineJob, RetryPolicy } from "./engine";
import type { paths } from "./generated/schema";

type Json<Answer> = Answer extends { content: { "application/json": infer Body } } ? Body : never;
type Got<Path extends keyof paths> = paths[Path] extends { get: { responses: { 200: infer Answer } } } ? Json<Answer> : never;
type Posted<Path extends keyof paths, Status extends number> = paths[Path] extends { post: { responses: { [Code in Status]: infer Answer } } } ? Json<Answer> : never;
type Item<List> = List extends { data: (infer Entry)[] } ? Entry : never;

export interface Page<T> {
  data: T[];
  has_more: boolean;
  next_cursor: string | null;
}

export type Meta = Got<"/api/v1/meta">;
export type User = Got<"/api/v1/me">;
export type Challenge = Posted<"/api/v1/signup", 201>;
export type TokenAnswer = Posted<"/api/v1/token/refresh", 200>;
export type Session = Item<Got<"/api/v1/sessions">>;

type PlainJob = Got<"/api/v1/jobs/{job_id}">;
type RunDetail = Got<"/api/v1/runs/{run_id}">;

export type JobStatus = PlainJob["status"];
export type Priority = PlainJob["priority"];
export type Retry = RetryPolicy;
export type Backoff = Retry["backoff"];
export type { Executor, Schedule, SimulatedExecutor } from "./engine";

type PlainRun = Item<Got<"/api/v1/jobs/{job_id}/runs">>;
/** `payload` and `attempts` come only with `GET /runs/{id}`. */
export type Run = PlainRun & Partial<Pick<RunDetail, "payload" | "attempts">>;
export type RunStatus = Run["status"];
export type Attempt = RunDetail["attempts"][number];
export type Job = Omit<PlainJob, keyof EngineJob | "last_run"> & EngineJob & { last_run: Run | null };

/** What the form sends: every field of it, where the API itself needs only a name. */
export type JobDraft = Pick<Job, "job_name" | "priority" | "description" | "tags" | "external_id" | "payload" | "timeout_seconds" | "notices"> &
  Pick<EngineJob, "executor" | "schedule" | "retry" | "overlap" | "catch_up"> &
  Required<Pick<EngineJob, "run_timeout_seconds" | "max_running">> & { run?: boolean };

export type Counts = Got<"/api/v1/jobs/counts">;
export type Dashboard = Got<"/api/v1/dashboard/customer">;
export type ThroughputPoint = Dashboard["throughput"][number];
export type LiveEvent = Item<Got<"/api/v1/events">>;

/** `secret` comes only with the answers to create and rotate-secret. */
export type Webhook = Got<"/api/v1/webhooks/{webhook_id}">;
export type Delivery = Item<Got<"/api/v1/webhooks/{webhook_id}/deliveries">>;
export type WebhookStatistics = Got<"/api/v1/webhooks/{webhook_id}/statistics">;
export type WebhookReplayed = Posted<"/api/v1/webhooks/{webhook_id}/replay", 202>;
export type DeliveryDetail = Got<"/api/v1/deliveries/{delivery_id}">;
export type DeliveryAttempt = Delivery["attempts"][number];

/** `key` comes only with the answer to its creation. */
export type ApiKey = Item<Got<"/api/v1/api-keys">> & { key?: string };
/** What is told by e-mail about jobs. */
export type NoticePolicy = Got<"/api/v1/me/notices">;
export type JobNotices = Got<"/api/v1/jobs/{job_id}/notices">;
export type NoticeEntry = Item<Got<"/api/v1/notices">>;
export type AuditEntry = Item<Got<"/api/v1/audit-log">>;

export type Setting = Item<Got<"/api/v1/admin/configuration">>;
export type MailTestResult = Posted<"/api/v1/admin/mail-test", 200>;

/** The developer mailbox is no part of the API. */
export interface Mail {
  id: string;
  to: string;
  subject: string;
  at: string;
  text: string;
  html: string | null;
}
