/** What an endpoint may ask for, in the order a person thinks of it. */
export const EVENT_GROUPS = [
  { name: "Runs", types: ["run.queued", "run.started", "run.completed", "run.failed", "run.cancelled", "run.retrying", "run.progress", "run.log"] },
  { name: "Jobs", types: ["job.created", "job.updated", "job.deleted", "job.paused", "job.resumed"] },
  { name: "Schedules", types: ["occurrence.missed", "occurrence.skipped"] },
] as const;

export const isEverything = (types: readonly string[]): boolean => types.length === 0 || types.includes("*");

/** `Name: value` lines as headers; the first line that is none is named. */
export function parseHeaders(text: string): { headers: Record<string, string>; bad: string | null } {
  const headers: Record<string, string> = {};
  for (const line of text.split("\n").map((part) => part.trim())) {
    if (!line) continue;
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)$/.exec(line);
    if (!match) return { headers, bad: line };
    headers[match[1]!] = match[2]!;
  }
  return { headers, bad: null };
}

export const headersText = (headers: Record<string, string> | null | undefined): string =>
  Object.entries(headers ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
