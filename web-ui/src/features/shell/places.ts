import { Activity, Bell, Briefcase, CalendarDays, ChartGantt, FileUp, History, KeyRound, LayoutDashboard, ListChecks, ListTree, Mailbox, MonitorSmartphone, Plus, ScrollText, SlidersHorizontal, UserRound, Users, Webhook, type LucideIcon } from "lucide-react";
import { features } from "@/lib/features";
import { strings } from "@/lib/strings";

const t = strings.shell;

export interface Place {
  label: string;
  icon: LucideIcon;
  to: string;
  /** After `g`. */
  key?: string;
  admin?: boolean;
  end?: boolean;
}

/** Where one can go: the navigation, the palette and the `g` keys read the same list. */
export const WORK: Place[] = [
  { label: t.overview, icon: LayoutDashboard, to: "/", key: "o", end: true },
  { label: t.jobs, icon: Briefcase, to: "/jobs", key: "j" },
  { label: t.runs, icon: History, to: "/runs", key: "r" },
  { label: t.timeline, icon: ChartGantt, to: "/timeline", key: "t" },
  { label: t.calendar, icon: CalendarDays, to: "/calendar", key: "c" },
  { label: t.queues, icon: ListTree, to: "/queues", key: "q" },
  { label: t.webhooks, icon: Webhook, to: "/webhooks", key: "w" },
];
export const ADMIN: Place[] = [
  { label: t.engine, icon: Activity, to: "/engine", key: "e", admin: true },
  { label: t.users, icon: Users, to: "/users", key: "u", admin: true },
  { label: strings.system.title, icon: SlidersHorizontal, to: "/system", key: "s", admin: true },
];
/** What those who write programs need. */
export const DEVELOP: Place[] = features.apiKeys ? [{ label: strings.keys.title, icon: KeyRound, to: "/api-keys", key: "k" }] : [];
export const OTHER: Place[] = [
  ...(features.bulk ? [{ label: strings.bulk.title, icon: ListChecks, to: "/bulk", key: "b" }] : []),
  ...(features.auditLog ? [{ label: strings.audit.title, icon: ScrollText, to: "/account/activity", key: "l" }] : []),
  { label: t.newJob, icon: Plus, to: "/jobs/new" },
  { label: strings.schedules.import.open, icon: FileUp, to: "/jobs/import" },
  { label: strings.notices.title, icon: Bell, to: "/account/notices" },
  { label: t.sessions, icon: MonitorSmartphone, to: "/account/sessions" },
  { label: t.account, icon: UserRound, to: "/account", key: "a" },
  { label: t.mailbox, icon: Mailbox, to: "/mailbox", key: "m" },
];
