import type { NoticePolicy } from "@/api/types";
import { strings } from "@/lib/strings";

const t = strings.notices;

export const SWITCHES = ["final_failure", "missed", "recovery", "failure", "late"] as const;
export type SwitchName = (typeof SWITCHES)[number];

/** A policy as a form holds it. */
export type NoticeValues = Record<SwitchName, boolean> & { remind_hours: string };

/** What the server begins with, too. */
export const emptyNotices: NoticeValues = { final_failure: true, missed: true, recovery: true, failure: false, late: false, remind_hours: "" };

export const noticeValuesFrom = (policy: NoticePolicy): NoticeValues => ({
  final_failure: policy.final_failure,
  missed: policy.missed,
  recovery: policy.recovery,
  failure: policy.failure,
  late: policy.late,
  remind_hours: policy.remind_hours === null ? "" : String(policy.remind_hours),
});

export const policyFrom = ({ remind_hours, ...switches }: NoticeValues): NoticePolicy => ({
  ...switches,
  remind_hours: remind_hours.trim() ? Number(remind_hours) : null,
});

export function remindRule(hours: string): string | undefined {
  if (!hours.trim()) return undefined;
  const number = Number(hours);
  return Number.isInteger(number) && number >= 1 && number <= 720 ? undefined : t.remindRule;
}

/** What was told, called as the switch that asked for it. */
export const kindWord = (kind: string): string => (kind === "reminder" ? t.stillFailing : (t.switches[kind as SwitchName]?.title ?? kind));

/** What a policy tells, in words, in the order of the switches. */
export function policyWords(policy: NoticePolicy): string[] {
  const words: string[] = SWITCHES.filter((name) => policy[name]).map((name) => t.switches[name].title);
  return policy.remind_hours === null ? words : [...words, t.reminder(policy.remind_hours)];
}
