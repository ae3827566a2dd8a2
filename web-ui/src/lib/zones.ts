/** Civil time in IANA zones, both ways, with what the browser knows of them. */
const parts = new Map<string, Intl.DateTimeFormat>();

function civil(zone: string): Intl.DateTimeFormat {
  const known = parts.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  parts.set(zone, made);
  return made;
}

/** The wall clock of a zone at an instant, as if it were UTC. */
function wallMs(ms: number, zone: string): number {
  const found = Object.fromEntries(civil(zone).formatToParts(ms).map((part) => [part.type, Number(part.value)])) as Record<string, number>;
  return Date.UTC(found.year!, found.month! - 1, found.day!, found.hour!, found.minute!, found.second!);
}

export function isZone(zone: string): boolean {
  try {
    civil(zone);
    return zone.trim() !== "";
  } catch {
    return false;
  }
}

/** Minutes that a zone is ahead of UTC at an instant. */
export const offsetMinutes = (ms: number, zone: string): number => Math.round((wallMs(ms, zone) - Math.floor(ms / 1000) * 1000) / 60_000);

export function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "−" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
}

/** `2026-11-25T09:00` in a zone -> the instant; in a gap the first one after it, in a repeat the first pass. Null when it is no time. */
export function localToIso(local: string, zone: string): string | null {
  const wall = Date.parse(`${local.length === 16 ? `${local}:00` : local}Z`);
  if (Number.isNaN(wall) || !isZone(zone)) return null;
  const candidates = [wall - offsetMinutes(wall - 86_400_000, zone) * 60_000, wall - offsetMinutes(wall + 86_400_000, zone) * 60_000];
  const exact = candidates.filter((ms) => wallMs(ms, zone) === wall).sort((a, b) => a - b)[0];
  const ms = exact ?? Math.max(...candidates);
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** An instant as the text of a `datetime-local` field in a zone. */
export function isoToLocal(iso: string | null | undefined, zone: string): string {
  const ms = iso ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(ms)) return "";
  const text = new Date(wallMs(ms, isZone(zone) ? zone : "UTC")).toISOString().slice(0, 19);
  return text.endsWith(":00") ? text.slice(0, 16) : text;
}

let names: string[] | null = null;
export function zoneNames(): string[] {
  names ??= ["UTC", ...(Intl.supportedValuesOf?.("timeZone") ?? []).filter((zone) => zone !== "UTC")];
  return names;
}

/** Zones that match all words; those that begin with one come first. */
export function searchZones(text: string, limit = 40): string[] {
  const words = text.toLowerCase().replaceAll("_", " ").split(/[\s/]+/).filter(Boolean);
  const rank = (zone: string): number => {
    const name = zone.toLowerCase().replaceAll("_", " ");
    if (!words.every((word) => name.includes(word))) return -1;
    const city = name.split("/").at(-1) ?? name;
    return words.every((word) => city.startsWith(word) || name.startsWith(word)) ? 0 : 1;
  };
  return zoneNames()
    .map((zone) => ({ zone, rank: rank(zone) }))
    .filter((entry) => entry.rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map((entry) => entry.zone);
}
