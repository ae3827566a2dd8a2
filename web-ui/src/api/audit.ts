import { api } from "./client";
import type { Page } from "./types";

export interface AuditEntry {
  audit_id: string;
  at: string;
  action: string;
  actor: { type: string; user_id?: string; session_id?: string; api_key_id?: string };
  target: { type: string; id: string; name: string | null } | null;
  ip: string | null;
  user_agent: string | null;
  request_id: string | null;
  changes: { field: string; before: unknown; after: unknown }[];
}

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
export const exportAudit = (query: AuditQuery) => api.get<string>("/audit-log", { params: { ...query, format: "csv" }, headers: { Accept: "text/csv" }, responseType: "text" }).then((answer) => String(answer.data));
