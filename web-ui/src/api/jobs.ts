import { api, idempotent } from "./client";
import type { AdminDashboard, Backfill, Cadence, EngineNode, LogPage, Occurrence } from "./engine";
import type { Counts, Dashboard, Job, JobDraft, LiveEvent, Page, Run } from "./types";

export interface JobQuery {
  status?: string[];
  priority?: string[];
  tag?: string;
  q?: string;
  sort?: string;
  limit?: number;
  cursor?: string;
}

/** Runs of one job per page; also what the strip and the statistics are made of. */
export const RUNS_PAGE = 50;

const match = (version: number) => ({ headers: { "If-Match": `"${version}"` } });

export const listJobs = (params: JobQuery, signal?: AbortSignal) =>
  api.get<Page<Job>>("/jobs", { params, signal }).then((answer) => answer.data);

export const getCounts = (signal?: AbortSignal) =>
  api.get<Counts>("/jobs/counts", { signal }).then((answer) => answer.data);

export const getJob = (id: string, signal?: AbortSignal) =>
  api.get<Job>(`/jobs/${encodeURIComponent(id)}`, { signal }).then((answer) => answer.data);

export const createJob = (draft: Partial<JobDraft>, key = idempotent()) =>
  api.post<Job>("/jobs", draft, key).then((answer) => answer.data);

export const updateJob = (id: string, version: number, changes: Partial<JobDraft>) =>
  api.patch<Job>(`/jobs/${id}`, changes, match(version)).then((answer) => answer.data);

export const deleteJob = (id: string, version: number) =>
  api.delete(`/jobs/${id}`, match(version)).then(() => undefined);

export const runJob = (id: string) =>
  api.post<{ job: Job; run: Run }>(`/run-job/${id}`, { status: "Running" }, idempotent()).then((answer) => answer.data);

export const cancelJob = (id: string) =>
  api.post<{ job: Job; run: Run }>(`/run-job/${id}`, { status: "Cancelled" }, idempotent()).then((answer) => answer.data);

/** A run with a payload of its own; the job's stays as it is. */
export const startRun = (id: string, payload?: unknown) =>
  api.post<Run>(`/jobs/${id}/runs`, payload === undefined ? {} : { payload }, idempotent()).then((answer) => answer.data);

export const pauseJob = (id: string, reason?: string) =>
  api.post<Job>(`/jobs/${id}/pause`, reason ? { reason } : {}, idempotent()).then((answer) => answer.data);
export const resumeJob = (id: string) => api.post<Job>(`/jobs/${id}/resume`, {}, idempotent()).then((answer) => answer.data);

export interface BackfillRequest {
  from: string;
  to: string;
  max_runs?: number;
}
/** With `dry_run` nothing is started: the answer says what would be. */
export const backfillJob = (id: string, request: BackfillRequest, dry_run: boolean) =>
  api.post<Backfill>(`/jobs/${id}/backfill`, { ...request, dry_run }, idempotent()).then((answer) => answer.data);

export const listOccurrences = (id: string, cursor: string | null, signal?: AbortSignal) =>
  api
    .get<Page<Occurrence>>(`/jobs/${id}/occurrences`, { params: { cursor: cursor ?? undefined, limit: 50 }, signal })
    .then((answer) => answer.data);

export const getCadence = (id: string, signal?: AbortSignal) =>
  api.get<Cadence>(`/jobs/${id}/cadence`, { signal }).then((answer) => answer.data);

export const listJobRuns = (id: string, cursor: string | null, signal?: AbortSignal, limit = RUNS_PAGE) =>
  api
    .get<Page<Run>>(`/jobs/${id}/runs`, { params: { cursor: cursor ?? undefined, limit }, signal })
    .then((answer) => answer.data);

export const listJobEvents = (id: string, cursor: string | null, signal?: AbortSignal) =>
  api
    .get<Page<LiveEvent>>(`/jobs/${id}/events`, { params: { cursor: cursor ?? undefined, limit: 50 }, signal })
    .then((answer) => answer.data);

export const getRun = (id: string, signal?: AbortSignal) =>
  api.get<Run>(`/runs/${encodeURIComponent(id)}`, { signal }).then((answer) => answer.data);

export const cancelRun = (id: string) =>
  api.post<Run>(`/runs/${id}/cancel`, undefined, idempotent()).then((answer) => answer.data);

export const retryRun = (id: string) => api.post<Run>(`/runs/${id}/retry`, undefined, idempotent()).then((answer) => answer.data);

export interface RunQuery {
  status?: string[];
  trigger?: string[];
  reason?: string[];
  /** A part of the code or the message of the error. */
  error?: string;
  created_after?: string;
  created_before?: string;
  job_id?: string;
  limit?: number;
  cursor?: string;
}
export const listRuns = (params: RunQuery, signal?: AbortSignal) =>
  api.get<Page<Run>>("/runs", { params, signal }).then((answer) => answer.data);

/** Lines after a given one, oldest first. */
export const getRunLog = (id: string, after: number, signal?: AbortSignal) =>
  api.get<LogPage>(`/runs/${id}/log`, { params: { after, limit: 200 }, signal }).then((answer) => answer.data);

export const listNodes = (signal?: AbortSignal) => api.get<{ data: EngineNode[] }>("/nodes", { signal }).then((answer) => answer.data.data);

export const getAdminDashboard = (signal?: AbortSignal) =>
  api.get<AdminDashboard>("/dashboard/admin", { signal }).then((answer) => answer.data);

export const getDashboard = (window: string, signal?: AbortSignal) =>
  api.get<Dashboard>("/dashboard/customer", { params: { window }, signal }).then((answer) => answer.data);
