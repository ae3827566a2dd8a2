import { serverNow } from "./clock";
import { timePrefs } from "./timePrefs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

/** "3 min ago", "in 2 hr"; a clock that is a little off never makes the present a negative past. */
export function formatRelative(iso: string, now = serverNow()): string {
  const difference = Date.parse(iso) - now;
  if (Number.isNaN(difference)) return "–";
  const size = Math.abs(difference);
  if (size < 5_000) return "just now";
  const sign = Math.sign(difference);
  if (size < MINUTE - 500) return relative.format(sign * Math.round(size / 1000), "second");
  if (size < HOUR - MINUTE / 2) return relative.format(sign * Math.round(size / MINUTE), "minute");
  if (size < DAY - HOUR / 2) return relative.format(sign * Math.round(size / HOUR), "hour");
  if (size < 30 * DAY) return relative.format(sign * Math.round(size / DAY), "day");
  if (size < 365 * DAY) return relative.format(sign * Math.round(size / (30 * DAY)), "month");
  return relative.format(sign * Math.round(size / (365 * DAY)), "year");
}

/** 480 ms, 3.0 s, 1 m 05 s, 2 h 04 m, 3 d 4 h. Never negative. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  const value = Math.max(0, ms);
  if (value < 1000) return `${Math.round(value)} ms`;
  if (value < 59_950) return `${(value / 1000).toFixed(1)} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} m`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

/** A countdown as m:ss. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Time to go in whole seconds, with its units, so that it is not taken for a time of day: "48 s", "31 m 07 s". */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
}

type InstantStyle = "full" | "stamp" | "stampMinutes" | "time" | "day" | "weekday" | "weekdaySeconds" | "short" | "date" | "hour";

const MINUTES = { hour: "2-digit", minute: "2-digit" } as const;
const SECONDS = { ...MINUTES, second: "2-digit" } as const;
const WEEKDAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
const styles: Record<InstantStyle, Intl.DateTimeFormatOptions> = {
  full: { day: "numeric", month: "short", year: "numeric", ...SECONDS, timeZoneName: "short" },
  stamp: { day: "numeric", month: "short", ...SECONDS, timeZoneName: "short" },
  stampMinutes: { day: "numeric", month: "short", ...MINUTES, timeZoneName: "short" },
  time: SECONDS,
  hour: MINUTES,
  day: { day: "numeric", month: "short", ...MINUTES },
  weekday: { ...WEEKDAY, ...MINUTES },
  weekdaySeconds: { ...WEEKDAY, ...SECONDS },
  short: { weekday: "short", day: "numeric", month: "short" },
  date: { weekday: "long", day: "numeric", month: "long" },
};

const formats = new Map<string, Intl.DateTimeFormat>();
function dateFormat(zone: string, style: InstantStyle): Intl.DateTimeFormat {
  const hourCycle = timePrefs.get().clock === "12" ? "h12" : "h23";
  const key = `${zone}|${style}|${hourCycle}`;
  const known = formats.get(key);
  if (known) return known;
  const options = { ...styles[style], hourCycle } as const;
  let made: Intl.DateTimeFormat;
  try {
    made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
  } catch {
    made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
  }
  formats.set(key, made);
  return made;
}

/** An hour and minute of a wall clock, "09:05" or "9:05 am", as the person reads clocks. */
export function formatClock(hour: number, minute: number): string {
  const minutes = String(minute).padStart(2, "0");
  return timePrefs.get().clock === "12" ? `${hour % 12 || 12}:${minutes} ${hour < 12 ? "am" : "pm"}` : `${String(hour).padStart(2, "0")}:${minutes}`;
}

export function formatInstant(iso: string, zone: string, style: InstantStyle = "full"): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? "–" : dateFormat(zone, style).format(at);
}

/** An instant with its zone as short as it stays clear: a near one without the year, a whole minute without seconds. */
export function formatStamp(iso: string, zone: string, now = serverNow()): string {
  const near = Math.abs(Date.parse(iso) - now) < 180 * DAY;
  return formatInstant(iso, zone, !near ? "full" : /:00(\.0+)?Z$/.test(iso) ? "stampMinutes" : "stamp");
}

const numbers = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
export const formatNumber = (value: number): string => (value >= 100_000 ? compact.format(value) : numbers.format(value));

/** 0.9876 -> "98.8%"; never rounds a failure away to 100 %. */
export function formatPercent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  if (share >= 1) return "100%";
  const shown = Math.floor(share * 1000) / 10;
  return `${shown.toFixed(1)}%`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export const byteLength = (text: string): number => new TextEncoder().encode(text).length;
export const plural = (count: number, one: string, many = `${one}s`): string => `${formatNumber(count)} ${count === 1 ? one : many}`;
export const shortId = (id: string): string => (id.length > 13 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id);

/** `a***@example.com`: enough to recognise one's own address, not enough to read it over a shoulder. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return at < 1 ? email : `${email[0]}***${email.slice(at)}`;
}

/** "Chrome on Linux" out of a user agent; the text itself when it is none that is known. */
export function describeAgent(agent: string | null): string {
  if (!agent) return "Unknown client";
  const browser = /Edg\//.test(agent)
    ? "Edge"
    : /Firefox\//.test(agent)
      ? "Firefox"
      : /Chrome\/|Chromium\//.test(agent)
        ? "Chrome"
        : /Safari\//.test(agent)
          ? "Safari"
          : null;
  if (!browser) return agent.length > 60 ? `${agent.slice(0, 57)}…` : agent;
  const system = /Android/.test(agent)
    ? "Android"
    : /iPhone|iPad/.test(agent)
      ? "iOS"
      : /Windows/.test(agent)
        ? "Windows"
        : /Mac OS X/.test(agent)
          ? "macOS"
          : /Linux/.test(agent)
            ? "Linux"
            : null;
  return system ? `${browser} on ${system}` : browser;
}
