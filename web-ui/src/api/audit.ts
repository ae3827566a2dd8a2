import { api } from "./client";
import type { AuditEntry, Page } from "./types";

export interface AuditQuery {
  action?: string[];
  actor_id?: string;
  target_id?: string;
  created_after?: string;
  created_before?: string;
}

export const listAudit = (query: AuditQuery, cursor: string | null, signal?: AbortSignal) =>
  api.get<Page<AuditEntry>>("/audit-log", { params: { ...query, cursor: cursor ?? undefined }, signal }).then((answer) => answer.data);

/** Everything that fits, as one file. */
export const exportAudit = (query: AuditQuery) => api.get<string>("/audit-log", { params: { ...query, format: "csv" }, headers: { Accept: "*/*" }, responseType: "text" }).then((answer) => String(answer.data));
