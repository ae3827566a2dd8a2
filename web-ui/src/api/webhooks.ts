import { api, idempotent } from "./client";
import type { Delivery, DeliveryDetail, Page, Webhook, WebhookReplayed, WebhookStatistics } from "./types";

export interface WebhookDraft {
  url: string;
  types: string[];
  description?: string | null;
  headers?: Record<string, string>;
  enabled?: boolean;
}

export const listWebhooks = (cursor: string | null, signal?: AbortSignal) =>
  api.get<Page<Webhook>>("/webhooks", { params: { cursor: cursor ?? undefined }, signal }).then((answer) => answer.data);

export const getWebhook = (id: string, signal?: AbortSignal) =>
  api.get<Webhook>(`/webhooks/${encodeURIComponent(id)}`, { signal }).then((answer) => answer.data);

export const createWebhook = (draft: WebhookDraft) =>
  api.post<Webhook>("/webhooks", draft, idempotent()).then((answer) => answer.data);

/** With `version`, only what was read is changed: 412 when somebody was faster. */
export const updateWebhook = (id: string, changes: Partial<WebhookDraft>, version?: number) =>
  api
    .patch<Webhook>(`/webhooks/${id}`, changes, version === undefined ? {} : { headers: { "If-Match": `"${version}"` } })
    .then((answer) => answer.data);

/** The answer holds the new secret, this once; the old one signs too for 24 hours. */
export const rotateSecret = (id: string) =>
  api.post<Webhook>(`/webhooks/${id}/rotate-secret`, undefined, idempotent()).then((answer) => answer.data);

export const deleteWebhook = (id: string) => api.delete(`/webhooks/${id}`).then(() => undefined);

export const testWebhook = (id: string) =>
  api.post<Delivery>(`/webhooks/${id}/test`, undefined, idempotent()).then((answer) => answer.data);

export const listDeliveries = (id: string, cursor: string | null, signal?: AbortSignal, limit = 25) =>
  api
    .get<Page<Delivery>>(`/webhooks/${id}/deliveries`, { params: { cursor: cursor ?? undefined, limit }, signal })
    .then((answer) => answer.data);

export const getDelivery = (id: string, signal?: AbortSignal) =>
  api.get<DeliveryDetail>(`/deliveries/${encodeURIComponent(id)}`, { signal }).then((answer) => answer.data);

export const replayDelivery = (id: string) =>
  api.post<Delivery>(`/deliveries/${id}/replay`, undefined, idempotent()).then((answer) => answer.data);

export const getWebhookStatistics = (id: string, signal?: AbortSignal) =>
  api.get<WebhookStatistics>(`/webhooks/${encodeURIComponent(id)}/statistics`, { signal }).then((answer) => answer.data);

export type ReplayStatus = "Delivered" | "Failed";

/** Makes the deliveries of events from one instant to another once more; without a status, all that have ended. */
export const replayRange = (id: string, range: { from: string; to: string; status?: ReplayStatus }) =>
  api.post<WebhookReplayed>(`/webhooks/${id}/replay`, range, idempotent()).then((answer) => answer.data);
