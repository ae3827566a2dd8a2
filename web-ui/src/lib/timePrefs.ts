/** How this browser shows times: a 24 or a 12 hour clock, in the person's own zone or in UTC, as distances or exactly. */
export interface TimePrefs {
  clock: "24" | "12";
  zone: "own" | "utc";
  /** What lists show: "3 min ago", or the date and time with the zone. */
  style: "relative" | "exact";
}

const NAME = "scheduler.times";
const standard: TimePrefs = { clock: "24", zone: "own", style: "relative" };

function read(): TimePrefs {
  try {
    const known = JSON.parse(localStorage.getItem(NAME) ?? "null") as Partial<TimePrefs> | null;
    return { clock: known?.clock === "12" ? "12" : "24", zone: known?.zone === "utc" ? "utc" : "own", style: known?.style === "exact" ? "exact" : "relative" };
  } catch {
    return standard;
  }
}

let now = read();
const listeners = new Set<() => void>();

/** One store for formatters, which are no components, and for the components that show what they make. */
export const timePrefs = {
  get: (): TimePrefs => now,
  set: (changes: Partial<TimePrefs>): void => {
    now = { ...now, ...changes };
    try {
      localStorage.setItem(NAME, JSON.stringify(now));
    } catch {
      /* storage is blocked: it lasts until the page closes */
    }
    listeners.forEach((listener) => listener());
  },
  toggleStyle: (): void => timePrefs.set({ style: now.style === "exact" ? "relative" : "exact" }),
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
