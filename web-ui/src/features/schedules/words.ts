import type { Schedule } from "@/api/engine";
import { formatClock, formatInstant } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.schedules;
const STEPS = [
  [86_400, "day", "days"],
  [3600, "hour", "hours"],
  [60, "minute", "minutes"],
  [1, "second", "seconds"],
] as const;

export function everyWords(seconds: number): string {
  const [size, one, many] = STEPS.find(([step]) => seconds % step === 0) ?? STEPS[3];
  const count = seconds / size;
  return count === 1 ? one : `${count.toLocaleString("en")} ${many}`;
}

const number = /^\d{1,2}$/;
const two = (value: string): string => value.padStart(2, "0");

/** The common expressions in a few words; null for those that only the server can describe. */
export function cronWords(expression: string): string | null {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) return null;
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  if (month !== "*") return null;
  const anyDay = day === "*";
  const anyWeekday = weekday === "*";
  const step = /^\*\/(\d{1,2})$/;
  if (anyDay && anyWeekday) {
    if (hour === "*" && minute === "*") return t.everyShort("minute");
    if (hour === "*" && step.test(minute)) return t.everyShort(everyWords(Number(step.exec(minute)![1]) * 60));
    if (hour === "*" && number.test(minute)) return t.hourlyAt(two(minute));
    if (step.test(hour) && minute === "0") return t.everyShort(everyWords(Number(step.exec(hour)![1]) * 3600));
  }
  if (!number.test(minute) || !number.test(hour)) return null;
  const time = formatClock(Number(hour), Number(minute));
  if (anyDay && anyWeekday) return t.dailyAt(time);
  if (anyDay && /^(1-5|MON-FRI)$/i.test(weekday)) return t.weekdaysAt(time);
  if (anyDay && /^[0-7](,[0-7])*$/.test(weekday)) return t.daysAt(weekday.split(",").map((one) => t.days[Number(one)]).join(", "), time);
  if (anyWeekday && number.test(day)) return t.monthlyAt(day, time);
  return null;
}

/** One short line about a schedule, for lists. */
export function scheduleWords(schedule: Schedule | null | undefined, zone: string): { text: string; code: boolean } {
  if (!schedule) return { text: t.onDemand, code: false };
  if (schedule.type === "once") return { text: t.once(formatInstant(schedule.at, zone, "day")), code: false };
  if (schedule.type === "interval") return { text: t.everyShort(everyWords(schedule.every_seconds)), code: false };
  const words = cronWords(schedule.expression);
  return words ? { text: words, code: false } : { text: schedule.expression, code: true };
}
