import type { Schedule } from "@/api/engine";
import { previewSchedule } from "@/api/schedules";
import { isoToLocal, localToIso } from "@/lib/zones";

const PAGE = 100;
/** Questions at most: a schedule that runs every minute fills a page in two hours, and a week of it shows its pattern. */
const PAGES = 9;
const DAY_MS = 86_400_000;

export interface Days {
  /** Runs by civil day, `2026-11-26`. */
  counts: Map<string, number>;
  /** Days whose count is the least there are: the rest of the day was not asked for. */
  least: Set<string>;
  /** Days taken from the same weekday a week before. */
  about: Set<string>;
  /** Days on which the clocks change a run. */
  changes: Set<string>;
}

/** Civil days follow each other whatever the clocks do. */
export const dayAfter = (day: string, days = 1): string => new Date(Date.parse(`${day}T12:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
export const dayOf = (iso: string, zone: string): string => isoToLocal(iso, zone).slice(0, 10);

/** Fills the days that nobody asked for with those of the week before. */
export function fillByWeek({ counts, about }: Days, from: string, last: string): void {
  for (let day = from; day <= last; day = dayAfter(day)) {
    const count = counts.get(dayAfter(day, -7));
    if (count) counts.set(day, count);
    about.add(day);
  }
}

/** The days on which a schedule runs, from now to the end of a civil day in its zone. */
export async function daysOf(schedule: Schedule, zone: string, last: string, signal: AbortSignal): Promise<Days> {
  const days: Days = { counts: new Map(), least: new Set(), about: new Set(), changes: new Set() };
  let from: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const { data } = await previewSchedule(schedule, PAGE, signal, from);
    for (const { at, note } of data) {
      const day = dayOf(at, zone);
      if (note) days.changes.add(day);
      if (note !== "gap_skipped") days.counts.set(day, (days.counts.get(day) ?? 0) + 1);
    }
    const end = data.at(-1);
    if (!end || data.length < PAGE || dayOf(end.at, zone) > last) return days;
    const day = dayOf(end.at, zone);
    days.least.add(day);
    const next = localToIso(`${dayAfter(day)}T00:00`, zone);
    if (!next) return days;
    // The server answers with what comes strictly after.
    from = new Date(Date.parse(next) - 1000).toISOString();
    if (page === PAGES - 1) fillByWeek(days, dayAfter(day), last);
  }
  return days;
}
