import { api } from "./client";
import type { JobNotices, NoticeEntry, NoticePolicy, Page } from "./types";

export const getNoticeDefaults = (signal?: AbortSignal) => api.get<NoticePolicy>("/me/notices", { signal }).then((answer) => answer.data);
export const changeNoticeDefaults = (changes: Partial<NoticePolicy>) => api.patch<NoticePolicy>("/me/notices", changes).then((answer) => answer.data);
export const getJobNotices = (id: string, signal?: AbortSignal) => api.get<JobNotices>(`/jobs/${encodeURIComponent(id)}/notices`, { signal }).then((answer) => answer.data);
export const listNotices = (cursor: string | null, signal?: AbortSignal) =>
  api.get<Page<NoticeEntry>>("/notices", { params: { cursor: cursor ?? undefined, limit: 20 }, signal }).then((answer) => answer.data);
