import type { OnGap, OnRepeat, Schedule } from "@/api/engine";
import { isoToLocal, isZone, localToIso } from "@/lib/zones";
import { strings } from "@/lib/strings";

const t = strings.schedules;
const rules = strings.jobs.rules;

export type ScheduleKind = "none" | Schedule["type"];
export const UNITS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;
export type Unit = keyof typeof UNITS;

/** The builder's values: what the person sees and types. Times are civil times in `time_zone`. */
export interface ScheduleValues {
  kind: ScheduleKind;
  at: string;
  every: string;
  unit: Unit;
  expression: string;
  time_zone: string;
  on_gap: OnGap;
  on_repeat: OnRepeat;
  start_at: string;
  end_at: string;
  jitter: string;
}

export const SCHEDULE_PATHS = [
  "schedule",
  "schedule.at",
  "schedule.every_seconds",
  "schedule.expression",
  "schedule.time_zone",
  "schedule.on_gap",
  "schedule.on_repeat",
  "schedule.start_at",
  "schedule.end_at",
  "schedule.jitter_seconds",
] as const;

export const emptySchedule = (zone: string): ScheduleValues => ({
  kind: "none",
  at: "",
  every: "1",
  unit: "hours",
  expression: "0 9 * * 1-5",
  time_zone: zone,
  on_gap: "unix",
  on_repeat: "unix",
  start_at: "",
  end_at: "",
  jitter: "",
});

export function scheduleValuesFrom(schedule: Schedule | null | undefined, zone: string): ScheduleValues {
  const base = emptySchedule(zone);
  if (!schedule) return base;
  const inZone = schedule.type === "cron" ? schedule.time_zone : zone;
  const shared = {
    ...base,
    kind: schedule.type,
    time_zone: inZone,
    start_at: isoToLocal(schedule.start_at, inZone),
    end_at: isoToLocal(schedule.end_at, inZone),
    jitter: schedule.jitter_seconds ? String(schedule.jitter_seconds) : "",
  };
  if (schedule.type === "once") return { ...shared, at: isoToLocal(schedule.at, inZone) };
  if (schedule.type === "interval") {
    const unit = (["days", "hours", "minutes"] as const).find((name) => schedule.every_seconds % UNITS[name] === 0) ?? "seconds";
    return { ...shared, every: String(schedule.every_seconds / UNITS[unit]), unit };
  }
  return { ...shared, expression: schedule.expression, on_gap: schedule.on_gap ?? "unix", on_repeat: schedule.on_repeat ?? "unix" };
}

/** What the API is told. Null for none, and for one that is not filled in yet. */
export function scheduleFrom(values: ScheduleValues): Schedule | null {
  const zone = values.time_zone;
  const start = values.start_at ? localToIso(values.start_at, zone) : null;
  const end = values.end_at ? localToIso(values.end_at, zone) : null;
  const jitter = Number(values.jitter);
  const bounds = {
    ...(start ? { start_at: start } : {}),
    ...(end ? { end_at: end } : {}),
    ...(values.jitter.trim() && Number.isFinite(jitter) && jitter > 0 ? { jitter_seconds: jitter } : {}),
  };
  if (values.kind === "once") {
    const at = localToIso(values.at, zone);
    return at ? { type: "once", at, ...(bounds.jitter_seconds ? { jitter_seconds: bounds.jitter_seconds } : {}) } : null;
  }
  if (values.kind === "interval") {
    const every = Math.round(Number(values.every) * UNITS[values.unit]);
    return values.every.trim() && Number.isFinite(every) && every > 0 ? { type: "interval", every_seconds: every, ...bounds } : null;
  }
  if (values.kind === "cron") {
    const expression = values.expression.trim().replace(/\s+/g, " ");
    if (!expression || !isZone(zone)) return null;
    return {
      type: "cron",
      expression,
      time_zone: zone,
      ...(values.on_gap === "unix" ? {} : { on_gap: values.on_gap }),
      ...(values.on_repeat === "unix" ? {} : { on_repeat: values.on_repeat }),
      ...bounds,
    };
  }
  return null;
}

const MOST_JITTER = 3600;

/** What can be said without the server; the rest is said by its preview. */
export function validateSchedule(values: ScheduleValues): Record<string, string | undefined> {
  const errors: Record<string, string | undefined> = {};
  if (values.kind === "none") return errors;
  const zone = values.time_zone;
  if (!isZone(zone)) errors["schedule.time_zone"] = t.zoneUnknown;
  if (values.kind === "once" && !localToIso(values.at, zone)) errors["schedule.at"] = t.badTime;
  if (values.kind === "interval") {
    const every = Number(values.every);
    if (!values.every.trim()) errors["schedule.every_seconds"] = strings.common.required;
    else if (!Number.isFinite(every)) errors["schedule.every_seconds"] = rules.number;
    else if (every * UNITS[values.unit] < 1) errors["schedule.every_seconds"] = rules.atLeast("1");
  }
  if (values.kind === "cron") {
    const fields = values.expression.trim().split(/\s+/).filter(Boolean);
    if (fields.length === 0) errors["schedule.expression"] = strings.common.required;
    else if (!values.expression.trim().startsWith("@") && (fields.length < 5 || fields.length > 6)) errors["schedule.expression"] = t.fieldCount(fields.length);
  }
  if (values.jitter.trim()) {
    const jitter = Number(values.jitter);
    if (!Number.isInteger(jitter)) errors["schedule.jitter_seconds"] = rules.whole;
    else if (jitter < 0 || jitter > MOST_JITTER) errors["schedule.jitter_seconds"] = rules.range("0", MOST_JITTER.toLocaleString("en"));
  }
  if (values.start_at && values.end_at && values.end_at <= values.start_at) errors["schedule.end_at"] = t.endBeforeStart;
  return errors;
}
