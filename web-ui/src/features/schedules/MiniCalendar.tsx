import { useEffect, useMemo, useState } from "react";
import type { Schedule } from "@/api/engine";
import { cn } from "@/lib/cn";
import { serverNow } from "@/lib/clock";
import { formatInstant, formatNumber } from "@/lib/format";
import { strings } from "@/lib/strings";
import { dayAfter, dayOf, daysOf, type Days } from "./days";

const t = strings.schedules;
const WEEKS = 6;
const SETTLE_MS = 500;

/** Mondays first, as the weeks of cron's MON-SUN. */
export function weeksFrom(today: string, weeks = WEEKS): string[][] {
  const weekday = (new Date(`${today}T12:00:00Z`).getUTCDay() + 6) % 7;
  const monday = dayAfter(today, -weekday);
  return Array.from({ length: weeks }, (_, week) => Array.from({ length: 7 }, (_, day) => dayAfter(monday, week * 7 + day)));
}

function useDays(schedule: Schedule | null, zone: string, last: string): Days | null {
  const key = schedule ? JSON.stringify(schedule) : null;
  const [days, setDays] = useState<Days | null>(null);
  useEffect(() => {
    if (!key) return setDays(null);
    const flight = new AbortController();
    const timer = window.setTimeout(() => {
      daysOf(JSON.parse(key) as Schedule, zone, last, flight.signal).then(setDays, () => {
        if (!flight.signal.aborted) setDays(null);
      });
    }, SETTLE_MS);
    return () => {
      window.clearTimeout(timer);
      flight.abort();
    };
  }, [key, zone, last]);
  return days;
}

/** Six weeks at a glance: on which days a schedule runs, and where the clocks change it. */
export function MiniCalendar({ schedule, zone, className }: { schedule: Schedule | null; zone: string; className?: string }) {
  const today = dayOf(new Date(serverNow()).toISOString(), zone);
  const weeks = useMemo(() => weeksFrom(today), [today]);
  const days = useDays(schedule, zone, weeks.at(-1)?.at(-1) ?? today);
  return (
    <table className={cn("tnum w-full table-fixed border-separate border-spacing-0.5 text-center text-xs", className)} aria-label={t.calendar} aria-busy={days === null || undefined} data-days={days ? "ready" : "loading"}>
      <thead>
        <tr>
          {t.days.slice(1).map((name, index) => (
            <th key={index} scope="col" className="h-6 font-normal text-ink-3">
              {name.slice(0, 2)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((day) => (
              <Day key={day} day={day} today={today} days={days} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The first of a month stands as its name. */
const monthOf = (day: string): string => formatInstant(`${day}T12:00:00Z`, "UTC", "short").split(" ").at(-1) ?? day;

function Day({ day, today, days }: { day: string; today: string; days: Days | null }) {
  const count = day < today ? 0 : (days?.counts.get(day) ?? 0);
  const words = count === 0 ? null : `${days?.about.has(day) ? t.aboutSo : days?.least.has(day) ? t.atLeast : ""}${count === 1 ? t.oneRun : t.runsOn(formatNumber(count))}`;
  const changes = days?.changes.has(day) ?? false;
  const number = Number(day.slice(8));
  const when = formatInstant(`${day}T12:00:00Z`, "UTC", "short");
  return (
    <td className="p-0" title={words ? `${when}: ${words}${changes ? `. ${t.clocksChange}` : ""}` : undefined} data-day={day} data-runs={count}>
      <span
        className={cn(
          "relative grid h-7 place-items-center rounded-md",
          count > 0 ? "bg-accent-soft font-medium text-accent-text" : "text-ink-3",
          day === today && "ring-1 ring-inset ring-accent",
        )}
      >
        {number === 1 ? monthOf(day) : number}
        {changes ? <span className="absolute right-0.5 top-0.5 size-1.5 rounded-full bg-wait-solid" aria-hidden /> : null}
        {words ? <span className="sr-only">: {words}</span> : null}
      </span>
    </td>
  );
}
