// The engine's part of the stand-in: schedules read in a small way, occurrences, logs, nodes. Enough to look at.
import { randomUUID } from "node:crypto";

const formats = new Map();
function wall(ms, zone) {
  if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }));
  const part = Object.fromEntries(formats.get(zone).formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}
const offset = (ms, zone) => Math.round((wall(ms, zone) - Math.floor(ms / 1000) * 1000) / 60_000);
const local = (ms, zone) => {
  const shift = offset(ms, zone);
  const sign = shift < 0 ? "-" : "+";
  return `${new Date(ms + shift * 60_000).toISOString().slice(0, 19)}${sign}${String(Math.floor(Math.abs(shift) / 60)).padStart(2, "0")}:${String(Math.abs(shift) % 60).padStart(2, "0")}`;
};

const NAMES = { JAN: 1, FEB: 2, MAR: 3, APR: 4, MAY: 5, JUN: 6, JUL: 7, AUG: 8, SEP: 9, OCT: 10, NOV: 11, DEC: 12, SUN: 0, MON: 1, TUE: 2, WED: 3, THU: 4, FRI: 5, SAT: 6 };
const NICKNAMES = { "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *" };
function parseField(text, low, high) {
  const set = new Set();
  for (const piece of text.split(",")) {
    const match = /^(\*|[0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?(?:\/(\d+))?$/.exec(piece);
    if (!match) return null;
    const value = (word) => NAMES[word.toUpperCase()] ?? Number(word);
    const from = match[1] === "*" ? low : value(match[1]);
    const to = match[1] === "*" ? high : match[2] ? value(match[2]) : match[3] ? high : from;
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < low || to > high || from > to) return null;
    for (let at = from; at <= to; at += Number(match[3] ?? 1)) set.add(high === 7 && at === 7 ? 0 : at);
  }
  return set;
}

/** The mock's cron: wildcard times follow the clock, fixed ones run once. */
export function instants(schedule, count, from, refuse) {
  const list = [];
  const end = schedule.end_at ? Date.parse(schedule.end_at) : Infinity;
  if (schedule.type === "once") {
    const at = Date.parse(schedule.at);
    if (Number.isNaN(at)) throw refuse("/schedule/at", "is no instant");
    return at > from ? [{ ms: at, note: null }] : [];
  }
  if (schedule.type === "interval") {
    if (!(schedule.every_seconds >= 1)) throw refuse("/schedule/every_seconds", "must be at least 1");
    const step = schedule.every_seconds * 1000;
    const begin = schedule.start_at ? Date.parse(schedule.start_at) : from + step;
    for (let at = begin > from ? begin : begin + Math.ceil((from - begin + 1) / step) * step; list.length < count && at <= end; at += step) list.push({ ms: at, note: null });
    return list;
  }
  const text = NICKNAMES[schedule.expression.trim().toLowerCase()] ?? schedule.expression.trim();
  const fields = text.split(/\s+/);
  if (fields.length !== 5) throw refuse("/schedule/expression", `has ${fields.length} fields; expected 5`);
  const bounds = [["minute", 0, 59], ["hour", 0, 23], ["day of month", 1, 31], ["month", 1, 12], ["day of week", 0, 7]];
  const sets = fields.map((field, index) => {
    const set = parseField(field, bounds[index][1], bounds[index][2]);
    if (!set) throw refuse("/schedule/expression", `${bounds[index][0]} “${field}” is not valid: use ${bounds[index][1]} to ${bounds[index][2]}`);
    return set;
  });
  const both = !fields[2].startsWith("*") && !fields[4].startsWith("*");
  const fixed = !fields[0].startsWith("*") && !fields[1].startsWith("*");
  const zone = schedule.time_zone;
  try {
    offset(from, zone);
  } catch {
    throw refuse("/schedule/time_zone", "is no time zone");
  }
  const begin = Math.max(from, schedule.start_at ? Date.parse(schedule.start_at) - 1 : 0);
  let shift = offset(begin, zone);
  for (let ms = Math.floor(begin / 60_000) * 60_000 + 60_000; list.length < count && ms <= Math.min(end, begin + 800 * 86_400_000); ms += 60_000) {
    let note = null;
    if (ms % 900_000 === 0) {
      const next = offset(ms, zone);
      if (next > shift && fixed) {
        for (let lost = shift; lost < next; lost += 1) {
          const gap = new Date(ms + lost * 60_000);
          if (matches(sets, gap, both)) list.push({ ms, note: schedule.on_gap === "skip" ? "gap_skipped" : "gap_moved" });
        }
      }
      shift = next;
    }
    if (!matches(sets, new Date(ms + shift * 60_000), both)) continue;
    if (offset(ms + 3_600_000, zone) < shift && fixed) note = "repeat_first";
    if (offset(ms - 3_600_000, zone) > shift && fixed) {
      if (schedule.on_repeat !== "both") continue;
      note = "repeat_second";
    }
    list.push({ ms, note });
  }
  if (list.length === 0) throw refuse("/schedule/expression", "never matches a date");
  return list.slice(0, count);
}
function matches([minute, hour, day, month, weekday], at, both) {
  if (!minute.has(at.getUTCMinutes()) || !hour.has(at.getUTCHours()) || !month.has(at.getUTCMonth() + 1)) return false;
  const dom = day.has(at.getUTCDate());
  const dow = weekday.has(at.getUTCDay());
  return both ? dom || dow : dom && dow;
}
const words = (schedule) =>
  schedule.type === "once" ? "Once" : schedule.type === "interval" ? `Every ${schedule.every_seconds % 3600 === 0 ? `${schedule.every_seconds / 3600} h` : schedule.every_seconds % 60 === 0 ? `${schedule.every_seconds / 60} minutes` : `${schedule.every_seconds} seconds`}` : ({ "*/15 * * * *": "Every 15 minutes", "0 9 * * 1-5": "At 09:00, Monday to Friday", "30 2 * * *": "At 02:30 every day", "0 6 * * 1": "At 06:00 on Monday", "0 9 * * *": "At 09:00 every day", "0 0 1 * *": "At 00:00 on day 1 of the month" })[schedule.expression] ?? `At “${schedule.expression}”`;

export function preview(schedule, count, from, refuse) {
  const zone = schedule.time_zone ?? "UTC";
  return { description: words(schedule), time_zone: zone, data: instants(schedule, count, from, refuse).map(({ ms, note }) => ({ at: new Date(ms).toISOString().replace(".000Z", "Z"), local: local(ms, zone), note })) };
}

const LINES = ["opening the connection to the replica", "reading 12,480 rows", "batch 1 of 5 written", "batch 2 of 5 written", "the replica lags 2.1 s behind; slowing down", "batch 3 of 5 written", "batch 4 of 5 written", "retrying one row after a deadlock", "batch 5 of 5 written", "all rows are there; closing"];
export function logOf(run, count = 60) {
  run.log ??= Array.from({ length: count }, (_, index) => ({ line: index + 1, at: new Date(Date.parse(run.started_at ?? run.created_at) + index * 120).toISOString(), level: index % 10 === 4 ? "warn" : index % 23 === 22 ? "error" : index % 7 === 0 ? "debug" : "info", text: LINES[index % LINES.length] }));
  return run.log;
}

/** Schedules, executors and a ledger for the seeded jobs. */
export function seedEngine(db, iso) {
  const plans = [{ type: "cron", expression: "30 2 * * *", time_zone: "Europe/Berlin" }, { type: "interval", every_seconds: 900 }, null, { type: "cron", expression: "0 6 * * 1", time_zone: "Europe/London" }, { type: "cron", expression: "0 9 * * 1-5", time_zone: "America/New_York" }, null, { type: "interval", every_seconds: 3600 }, { type: "cron", expression: "*/15 * * * *", time_zone: "UTC" }, { type: "once", at: new Date(Date.now() + 93_600_000).toISOString() }];
  db.jobs.forEach((job, index) => {
    job.schedule = plans[index] ?? null;
    const refuse = () => new Error("seed");
    job.next_run_at = job.schedule ? (preview(job.schedule, 1, Date.now(), refuse).data[0]?.at ?? null) : null;
  });
  Object.assign(db.jobs[7], { paused: true, paused_at: iso(Date.now() - 7_200_000), pause_reason: "The session store is being moved", next_run_at: null });
  db.jobs[4].executor = { type: "http", method: "POST", url: "https://billing.example.com/v2/charges", headers: { Authorization: "***", "X-Team": "billing" }, secret_headers: [], expect: "2xx" };
  db.jobs[4].retry = { ...db.jobs[4].retry, max_attempts: 4, on: ["timeout", "http_5xx"] };
  db.jobs[5].executor = { type: "worker", queue: "images" };
  for (const run of db.runs) {
    const job = db.jobs.find((other) => other.job_id === run.job_id);
    if (run.trigger.type === "schedule") run.trigger.planned_at = run.created_at;
    if (job.executor.type === "http" && run.status === "Completed") run.result = { status: 201, headers: { "content-type": "application/json", "x-request-id": "9f2c" }, body: JSON.stringify({ charged: 214, skipped: 3 }), truncated: false };
    if (job.executor.type === "worker") Object.assign(run, { worker_name: "images-2", queue: "images" });
    db.occurrences.push({ occurrence_id: randomUUID(), job_id: job.job_id, planned_at: run.created_at, last_planned_at: null, count: 1, outcome: "Ran", reason: null, run_id: run.run_id, recorded_at: run.created_at });
  }
  const job = db.jobs[1];
  const at = (minutes) => iso(Date.now() - minutes * 60_000);
  const odd = [["Skipped", at(95), null, 1, "The run before it was still under way (overlap: skip)."], ["Missed", at(260), at(200), 5, "The scheduler was down from 21:40 to 22:45; the latest instant was caught up."], ["Paused", at(420), at(330), 7, "Paused by Ada Lovelace: database maintenance"], ["OutOfWindow", at(700), null, 1, "Before the schedule's start."]];
  for (const [outcome, planned_at, last_planned_at, count, reason] of odd) db.occurrences.push({ occurrence_id: randomUUID(), job_id: job.job_id, planned_at, last_planned_at, count, outcome, reason, run_id: null, recorded_at: planned_at });
}

export const nodes = (iso) => ["eu-1", "eu-2", "eu-3"].map((name, index) => ({ node_id: randomUUID(), name, version: "0.1.0", started_at: iso(Date.now() - (index + 1) * 86_400_000), seen_at: iso(Date.now() - (index === 2 ? 95_000 : 1_200)), alive: index !== 2, running: index === 2 ? 0 : 14 + index * 9, concurrency: 64 }));
export const health = { scheduler_lag_ms: { p50: 2.1, p99: 18.4, max: 61 }, queue_depth: 42, oldest_queued_seconds: 1.8, running: 37, claim_batch: { p50: 8, p99: 210, max: 256 }, completion_batch: { p50: 6, p99: 180, max: 240 }, lease_losses: 1, webhook_lag_ms: { p50: 40, p99: 900, max: 4100 } };
