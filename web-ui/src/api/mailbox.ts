import { api } from "./client";
import type { Mail } from "./types";

/** The developer mailbox stands beside the API, on the same origin. */
export const listMails = (signal?: AbortSignal) =>
  api.get<{ data: Mail[] }>("/dev/mailbox.json", { baseURL: "/", anonymous: true, signal }).then((answer) => answer.data.data);

export const mailHtmlAddress = (id: string): string => `/dev/mailbox/${encodeURIComponent(id)}/html`;
