import { api, idempotent } from "./client";
import type { ApiKey, Page } from "./types";

/** What a key may do, in the order in which people choose. */
export const SCOPES = ["jobs:read", "jobs:write", "runs:read", "runs:write", "worker", "webhooks:manage", "account:read"] as const;
export type Scope = (typeof SCOPES)[number];

export const listApiKeys = (cursor: string | null, signal?: AbortSignal) => api.get<Page<ApiKey>>("/api-keys", { params: { cursor: cursor ?? undefined }, signal }).then((answer) => answer.data);
export const createApiKey = (draft: { name: string; scopes: string[]; expires_at?: string }) => api.post<ApiKey>("/api-keys", draft, idempotent()).then((answer) => answer.data);
export const revokeApiKey = (id: string) => api.delete(`/api-keys/${encodeURIComponent(id)}`).then(() => undefined);
