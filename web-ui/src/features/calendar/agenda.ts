import { previewSchedule } from "@/api/schedules";
import type { Schedule } from "@/api/engine";
import type { Job } from "@/api/types";

const HOUR = 3_600_000;
const PAGE = 100;
const PAGES = 7;
/** From so many an hour on, the rest of the week is taken to go on as it began. */
const DENSE = 4;

/** What one job does in a window: exact instants as far as they were asked for, and counts for every hour. */
export interface Agenda {
  job: Job;
  instants: number[];
  /** Counts by the hour (its start), of which those in `about` are estimates. */
  hours: Map<number, number>;
  about: Set<number>;
}

export const hourOf = (ms: number): number => Math.floor(ms / HOUR) * HOUR;

export function countHours(instants: readonly number[]): Map<number, number> {
  const hours = new Map<number, number>();
  for (const ms of instants) hours.set(hourOf(ms), (hours.get(hourOf(ms)) ?? 0) + 1);
  return hours;
}

/** Fills the hours that were not asked for with the rate of those that were. */
export function extrapolate(instants: readonly number[], until: number): { hours: Map<number, number>; about: Set<number> } {
  const hours = countHours(instants);
  const about = new Set<number>();
  const first = instants[0];
  const last = instants.at(-1);
  if (first === undefined || last === undefined || last <= first) return { hours, about };
  const rate = Math.max(1, Math.round(((instants.length - 1) / (last - first)) * HOUR));
  for (let hour = hourOf(last); hour < until; hour += HOUR) {
    hours.set(hour, Math.max(rate, hours.get(hour) ?? 0));
    about.add(hour);
  }
  return { hours, about };
}

/** The counts between which colours differ: nearly the least and nearly the most, so that a few odd hours do not decide. */
export function heatRange(counts: readonly number[]): [number, number] {
  const sorted = counts.filter((count) => count > 0).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 1;
  return [at(0.05), at(0.95)];
}

/** How strong the colour of an hour is, 0 (nothing runs) to 1. */
export const heatOf = (count: number, least: number, most: number): number =>
  count === 0 ? 0 : most <= least ? 0.5 : 0.12 + 0.88 * Math.min(1, Math.max(0, (count - least) / (most - least)));

async function instantsOf(schedule: Schedule, from: number, until: number, signal: AbortSignal): Promise<{ instants: number[]; whole: boolean }> {
  const instants: number[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const { data } = await previewSchedule(schedule, PAGE, signal, after);
    const news = data.filter(({ note }) => note !== "gap_skipped").map(({ at }) => Date.parse(at));
    instants.push(...news.filter((ms) => ms >= from && ms < until));
    const last = news.at(-1);
    if (data.length < PAGE || last === undefined || last >= until) return { instants, whole: true };
    if (schedule.type === "interval") {
      for (let at = last + schedule.every_seconds * 1000; at < until && instants.length < 20_000; at += schedule.every_seconds * 1000) {
        if (schedule.end_at && at > Date.parse(schedule.end_at)) break;
        instants.push(at);
      }
      return { instants, whole: true };
    }
    const rate = (news.length / Math.max(1, last - news[0]!)) * HOUR;
    if (rate >= DENSE) return { instants, whole: false };
    after = data.at(-1)?.at;
  }
  return { instants, whole: false };
}

export async function agendaOf(job: Job, from: number, until: number, signal: AbortSignal): Promise<Agenda> {
  const { instants, whole } = await instantsOf(job.schedule!, from, until, signal);
  return { job, instants, ...(whole ? { hours: countHours(instants), about: new Set<number>() } : extrapolate(instants, until)) };
}

export interface Clash {
  at: number;
  jobs: Job[];
}

/** The minutes in which several jobs start, those with most first. */
export function clashesOf(agendas: readonly Agenda[], most = 8): Clash[] {
  const minutes = new Map<number, Job[]>();
  for (const { job, instants } of agendas) {
    for (const minute of new Set(instants.map((ms) => Math.floor(ms / 60_000) * 60_000))) {
      const known = minutes.get(minute);
      if (known) known.push(job);
      else minutes.set(minute, [job]);
    }
  }
  return [...minutes]
    .filter(([, jobs]) => jobs.length > 1)
    .map(([at, jobs]) => ({ at, jobs }))
    .sort((a, b) => b.jobs.length - a.jobs.length || a.at - b.at)
    .slice(0, most);
}
