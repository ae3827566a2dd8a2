import { api, idempotent } from "./client";
import type { MailTestResult, Setting } from "./types";

export const getConfiguration = (signal?: AbortSignal) => api.get<{ data: Setting[] }>("/admin/configuration", { signal }).then((answer) => answer.data.data);

/** Answers also when the mail was not taken: `outcome` says so. */
export const testMail = (to: string) => api.post<MailTestResult>("/admin/mail-test", { to }, idempotent()).then((answer) => answer.data);
