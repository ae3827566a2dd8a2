import type { RunQuery } from "@/api/jobs";
import type { Run } from "@/api/types";
import { strings } from "@/lib/strings";
import { RUN_STATUSES } from "@/lib/status";

export const TRIGGERS = ["manual", "api", "schedule", "retry", "backfill", "inbound"] as const;
export const REASONS = ["attempts_exhausted", "not_retryable", "timed_out", "crashed", "lease_lost", "handed_back", "cancelled", "replaced"] as const;
export const WINDOWS = { "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000, "30d": 2_592_000_000 } as const;
export type Window = keyof typeof WINDOWS;

/** The filters of the runs list, as its address holds them: a window is kept as such and moves with time. */
export interface RunFilters {
  status?: string[];
  trigger?: string[];
  reason?: string[];
  error?: string;
  job_id?: string;
  within?: Window;
  created_after?: string;
  created_before?: string;
}

const LISTS = [
  ["status", RUN_STATUSES],
  ["trigger", TRIGGERS],
  ["reason", REASONS],
] as const;

const instant = (text: string | null): string | undefined => {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
};

/** Reads an address; words that are none are left out instead of failing at the server. */
export function filtersFrom(params: URLSearchParams): RunFilters {
  const filters: RunFilters = {};
  for (const [name, words] of LISTS) {
    const known = [...new Set(params.getAll(name))].filter((word) => (words as readonly string[]).includes(word));
    if (known.length > 0) filters[name] = known;
  }
  const error = params.get("error")?.trim();
  const job = params.get("job_id");
  const within = params.get("within");
  if (error) filters.error = error;
  if (job) filters.job_id = job;
  if (within && within in WINDOWS) return { ...filters, within: within as Window };
  for (const name of ["created_after", "created_before"] as const) {
    const at = instant(params.get(name));
    if (at) filters[name] = at;
  }
  return filters;
}

export function paramsFrom(filters: RunFilters): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name] of LISTS) filters[name]?.forEach((word) => params.append(name, word));
  for (const name of ["error", "job_id", "within"] as const) if (filters[name]) params.set(name, filters[name]);
  if (!filters.within) for (const name of ["created_after", "created_before"] as const) if (filters[name]) params.set(name, filters[name]);
  return params;
}

/** What the server is asked. A window begins at a whole minute, so that its pages belong together. */
export function queryOf({ within, ...filters }: RunFilters, now: number): RunQuery {
  if (!within) return filters;
  const since = Math.floor((now - WINDOWS[within]) / 60_000) * 60_000;
  return { ...filters, created_after: new Date(since).toISOString() };
}

export const isFiltered = (filters: RunFilters): boolean => Object.values(filters).some((value) => value !== undefined);

/** Whether a run that has just changed belongs into the list. */
export function belongs(run: Run, query: RunQuery): boolean {
  const among = (words: readonly string[] | undefined, word: string | null) => !words || (word !== null && words.includes(word));
  const error = query.error?.toLowerCase();
  return (
    (!query.job_id || run.job_id === query.job_id) &&
    among(query.status, run.status) &&
    among(query.trigger, run.trigger.type) &&
    among(query.reason, run.reason) &&
    (!error || [run.error?.code, run.error?.message].some((text) => text?.toLowerCase().includes(error))) &&
    (!query.created_after || Date.parse(run.created_at) > Date.parse(query.created_after)) &&
    (!query.created_before || Date.parse(run.created_at) < Date.parse(query.created_before))
  );
}

export const TOKEN = /\b(status|trigger|reason|within):\S*$/i;

/** `status:failed trigger:schedule within:7d rest` typed into the search becomes filters; what is none stays text. */
export function readTokens(text: string, filters: RunFilters): RunFilters {
  const next: RunFilters = { ...filters };
  const rest = text.replace(/(?:^|\s)(status|trigger|reason|within):([^\s:]+)(?=\s|$)/gi, (whole, raw: string, value: string) => {
    const name = raw.toLowerCase();
    if (name === "within") {
      const window = Object.keys(WINDOWS).find((word) => word === value.toLowerCase()) as Window | undefined;
      if (!window) return whole;
      Object.assign(next, { within: window, created_after: undefined, created_before: undefined });
      return " ";
    }
    const [list, words] = LISTS.find(([known]) => known === name)!;
    const word = words.find((known) => known.toLowerCase() === value.toLowerCase());
    if (!word) return whole;
    next[list] = [...new Set([...(next[list] ?? []), word])];
    return " ";
  });
  return { ...next, error: rest.replace(/\s+/g, " ").trim() || undefined };
}

export const reasonWord = (reason: string): string => strings.runs.reasons[reason] ?? reason;
