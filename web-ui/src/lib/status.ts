import { Ban, CalendarX, CircleCheck, CircleDashed, CircleHelp, CirclePause, CircleX, Clock, LoaderCircle, RotateCw, SkipForward, type LucideIcon } from "lucide-react";

export type Tone = "wait" | "run" | "ok" | "fail" | "retry" | "off" | "accent";

export interface StatusLook {
  word: string;
  tone: Tone;
  icon: LucideIcon;
  spins?: boolean;
}

/** The one table: every status word of jobs, runs, deliveries and users, with its colour and icon. */
const table: Record<string, StatusLook> = {
  Pending: { word: "Pending", tone: "wait", icon: Clock },
  Queued: { word: "Queued", tone: "wait", icon: CircleDashed },
  Running: { word: "Running", tone: "run", icon: LoaderCircle, spins: true },
  Retrying: { word: "Retrying", tone: "retry", icon: RotateCw },
  Completed: { word: "Completed", tone: "ok", icon: CircleCheck },
  Failed: { word: "Failed", tone: "fail", icon: CircleX },
  Cancelled: { word: "Cancelled", tone: "off", icon: Ban },
  TimedOut: { word: "Timed out", tone: "fail", icon: CircleX },
  LeaseLost: { word: "Node lost", tone: "retry", icon: RotateCw },
  HandedBack: { word: "Handed back", tone: "off", icon: RotateCw },
  Delivered: { word: "Delivered", tone: "ok", icon: CircleCheck },
  Ran: { word: "Ran", tone: "ok", icon: CircleCheck },
  Skipped: { word: "Skipped", tone: "off", icon: SkipForward },
  Missed: { word: "Missed", tone: "fail", icon: CalendarX },
  Paused: { word: "Paused", tone: "wait", icon: CirclePause },
  OutOfWindow: { word: "Outside window", tone: "off", icon: CalendarX },
  Ready: { word: "Ready", tone: "ok", icon: CircleCheck },
  Ignored: { word: "Ignored", tone: "off", icon: SkipForward },
  There: { word: "There already", tone: "off", icon: SkipForward },
  Mistake: { word: "Mistake", tone: "fail", icon: CircleX },
  Alive: { word: "Alive", tone: "ok", icon: CircleCheck },
  Stopped: { word: "Stopped", tone: "wait", icon: CirclePause },
  Expired: { word: "Expired", tone: "off", icon: Ban },
  Aborted: { word: "Stopped", tone: "off", icon: Ban },
  Silent: { word: "Silent", tone: "fail", icon: CircleX },
  Active: { word: "Active", tone: "ok", icon: CircleCheck },
  Unverified: { word: "Unverified", tone: "wait", icon: Clock },
  Deactivated: { word: "Deactivated", tone: "off", icon: Ban },
  Enabled: { word: "Enabled", tone: "ok", icon: CircleCheck },
  Disabled: { word: "Disabled", tone: "off", icon: Ban },
};

/** Unknown words (a newer server) are shown as they are. */
export const statusLook = (word: string): StatusLook => table[word] ?? { word, tone: "off", icon: CircleHelp };

export const JOB_STATUSES = ["Pending", "Running", "Completed", "Failed", "Cancelled"] as const;
export const RUN_STATUSES = ["Queued", "Running", "Retrying", "Completed", "Failed", "Cancelled"] as const;
export const PRIORITIES = ["Critical", "High", "Medium", "Low"] as const;

export const toneClasses: Record<Tone, { badge: string; text: string; solid: string }> = {
  wait: { badge: "bg-wait-soft text-wait-text", text: "text-wait-text", solid: "bg-wait-solid" },
  run: { badge: "bg-run-soft text-run-text", text: "text-run-text", solid: "bg-run-solid" },
  ok: { badge: "bg-ok-soft text-ok-text", text: "text-ok-text", solid: "bg-ok-solid" },
  fail: { badge: "bg-fail-soft text-fail-text", text: "text-fail-text", solid: "bg-fail-solid" },
  retry: { badge: "bg-retry-soft text-retry-text", text: "text-retry-text", solid: "bg-retry-solid" },
  off: { badge: "bg-off-soft text-off-text", text: "text-off-text", solid: "bg-off-solid" },
  accent: { badge: "bg-accent-soft text-accent-text", text: "text-accent-text", solid: "bg-accent" },
};

export const runIsOver = (status: string): boolean =>
  status === "Completed" || status === "Failed" || status === "Cancelled";

/** The word a job shows for the state of its latest run. */
export const jobStatusOf = (runStatus: string): string =>
  runStatus === "Queued" || runStatus === "Retrying" ? "Pending" : runStatus;
