import { api } from "./client";
import type { ImportLine, Preview, Schedule } from "./engine";

/** The server's own reading of a schedule: plain words and the next instants. */
export const previewSchedule = (schedule: Schedule, count: number, signal?: AbortSignal, from?: string) =>
  api.post<Preview>("/schedules/preview", { schedule, count, ...(from ? { from } : {}) }, { signal }).then((answer) => answer.data);

/** A whole crontab; with `dry_run` nothing is made. */
export const importCrontab = (crontab: string, time_zone: string, dry_run: boolean) =>
  api.post<{ data: ImportLine[] }>("/schedules/import", { crontab, time_zone, dry_run }).then((answer) => answer.data.data);
