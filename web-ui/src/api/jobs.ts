import { api, idempotent } from "./client";
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

const match = (version: number) => ({ headers: { "If-Match": `"${version}"` } });

export const listJobs = (params: JobQuery, signal?: AbortSignal) =>
  api.get<Page<Job>>("/jobs", { params, signal }).then((answer) => answer.data);

export const getCounts = (signal?: AbortSignal) =>
  api.get<Counts>("/jobs/counts", { signal }).then((answer) => answer.data);

export const getJob = (id: string, signal?: AbortSignal) =>
  api.get<Job>(`/jobs/${encodeURIComponent(id)}`, { signal }).then((answer) => answer.data);

export const createJob = (draft: JobDraft, key = idempotent()) =>
  api.post<Job>("/jobs", draft, key).then((answer) => answer.data);

export const updateJob = (id: string, version: number, changes: Partial<JobDraft>) =>
  api.patch<Job>(`/jobs/${id}`, changes, match(version)).then((answer) => answer.data);

export const deleteJob = (id: string, version: number) =>
  api.delete(`/jobs/${id}`, match(version)).then(() => undefined);

export const runJob = (id: string) =>
  api.post<{ job: Job; run: Run }>(`/run-job/${id}`, { status: "Running" }, idempotent()).then((answer) => answer.data);

export const cancelJob = (id: string) =>
  api.post<{ job: Job; run: Run }>(`/run-job/${id}`, { status: "Cancelled" }, idempotent()).then((answer) => answer.data);

export const pauseJob = (id: string) => api.post<Job>(`/jobs/${id}/pause`, {}, idempotent()).then((answer) => answer.data);
export const resumeJob = (id: string) => api.post<Job>(`/jobs/${id}/resume`, {}, idempotent()).then((answer) => answer.data);

export const listJobRuns = (id: string, cursor: string | null, signal?: AbortSignal) =>
  api
    .get<Page<Run>>(`/jobs/${id}/runs`, { params: { cursor: cursor ?? undefined, limit: 20 }, signal })
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

export const getDashboard = (window: string, signal?: AbortSignal) =>
  api.get<Dashboard>("/dashboard/customer", { params: { window }, signal }).then((answer) => answer.data);
