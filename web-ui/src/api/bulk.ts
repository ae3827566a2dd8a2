import { api, idempotent } from "./client";
import type { JobQuery } from "./jobs";
import type { Page } from "./types";

export interface BulkOperation {
  /** Null for a rehearsal. */
  bulk_operation_id: string | null;
  action: string;
  status: string;
  matched: number;
  /** False: there are more than were counted; all of them are handled. */
  matched_exactly: boolean;
  done: number;
  failed: number;
  /** The first hundred; empty in lists. */
  errors: { job_id: string; code: string; message: string }[];
  created_at: string;
  finished_at: string | null;
}

/** Which jobs: those of a filter, whatever they are when their turn comes, or at most a thousand by id. */
export type BulkTarget = { filter: Pick<JobQuery, "status" | "priority" | "tag" | "q"> } | { ids: string[] };
export const MOST_IDS = 1000;

export interface BulkRequest {
  action: string;
  target: BulkTarget;
  params?: { add?: string[]; reason?: string };
}

const body = ({ action, target, params }: BulkRequest, dry_run: boolean) => ({ action, ...target, ...(params ? { params } : {}), dry_run });

export const rehearseBulk = (request: BulkRequest) => api.post<BulkOperation>("/bulk-operations", body(request, true), idempotent()).then((answer) => answer.data);
export const startBulk = (request: BulkRequest) => api.post<BulkOperation>("/bulk-operations", body(request, false), idempotent()).then((answer) => answer.data);
export const getBulk = (id: string, signal?: AbortSignal) => api.get<BulkOperation>(`/bulk-operations/${encodeURIComponent(id)}`, { signal }).then((answer) => answer.data);
export const listBulk = (cursor: string | null, signal?: AbortSignal) => api.get<Page<BulkOperation>>("/bulk-operations", { params: { cursor: cursor ?? undefined, limit: 50 }, signal }).then((answer) => answer.data);
export const abortBulk = (id: string) => api.post<BulkOperation>(`/bulk-operations/${id}/abort`, undefined, idempotent()).then((answer) => answer.data);

export const bulkIsOver = ({ status }: Pick<BulkOperation, "status">): boolean => status === "Completed" || status === "Aborted";
