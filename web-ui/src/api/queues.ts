import { api } from "./client";
import type { Page } from "./types";
import type { paths } from "./generated/schema";

type List = paths["/api/v1/queues"]["get"]["responses"][200]["content"]["application/json"];
export type Queue = List["data"][number];

/** All on one page: a person has few. */
export const listQueues = (signal?: AbortSignal) => api.get<Page<Queue>>("/queues", { signal }).then((answer) => answer.data.data);

/** `null` lifts the limit; 0 stops the queue. */
export const limitQueue = (name: string, max_running: number | null) => api.put<Queue>(`/queues/${encodeURIComponent(name)}`, { max_running }).then((answer) => answer.data);
