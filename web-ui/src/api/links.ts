import { toProblem } from "./problem";
import { api, idempotent } from "./client";

export type LinkKind = "inbound" | "heartbeat" | "badge";
/** A secret address of a job. */
export interface JobLink {
  kind: string;
  last4: string;
  created_at: string;
  last_used_at: string | null;
  /** Only in the answer that makes it. */
  url?: string;
}

const place = (jobId: string, kind: LinkKind) => `/jobs/${encodeURIComponent(jobId)}/${kind}`;

/** Null when there is none. */
export const getLink = (jobId: string, kind: LinkKind, signal?: AbortSignal) =>
  api.get<JobLink>(place(jobId, kind), { signal }).then(
    (answer): JobLink | null => answer.data,
    (error: unknown) => {
      if (toProblem(error).status === 404) return null;
      throw error;
    },
  );
export const makeLink = (jobId: string, kind: LinkKind) => api.post<JobLink>(place(jobId, kind), undefined, idempotent()).then((answer) => answer.data);
export const revokeLink = (jobId: string, kind: LinkKind) => api.delete(place(jobId, kind)).then(() => undefined);
