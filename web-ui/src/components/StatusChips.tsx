import { useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import { statusLook, toneClasses } from "@/lib/status";

interface StatusChipsProps {
  label: string;
  allLabel: string;
  statuses: readonly string[];
  chosen: readonly string[] | undefined;
  /** The number beside a word; `null` for all of them. */
  count?: (status: string | null) => string;
  onChange: (chosen: string[] | undefined) => void;
}

/** The words of a list with or without one. */
export const toggled = (list: readonly string[] | undefined, word: string): string[] | undefined => {
  const next = list?.includes(word) ? list.filter((known) => known !== word) : [...(list ?? []), word];
  return next.length > 0 ? next : undefined;
};

/** Any number of statuses, or all. */
export function StatusChips({ label, allLabel, statuses, chosen, count, onChange }: StatusChipsProps) {
  const row = useRef<HTMLDivElement>(null);
  // On a phone the row is longer than the screen; what was chosen must be seen.
  useEffect(() => {
    row.current?.querySelector('[aria-pressed="true"]')?.scrollIntoView?.({ inline: "nearest", block: "nearest" });
  }, []);
  const chip = "focus-inset flex h-8 shrink-0 items-center gap-1.5 rounded-lg px-2.5 text-sm font-medium transition-colors [&_svg]:size-3.5";
  const on = "bg-surface text-ink shadow-1 ring-1 ring-line-strong dark:bg-surface-3";
  const off = "text-ink-2 hover:bg-surface-3 hover:text-ink";
  const number = (status: string | null) => (count ? <span className="tnum text-xs text-ink-3">{count(status)}</span> : null);
  return (
    <div ref={row} role="group" aria-label={label} className="-mx-1 flex gap-1 overflow-x-auto px-1 py-1 [scrollbar-width:none]">
      <button type="button" aria-pressed={!chosen} onClick={() => onChange(undefined)} className={cn(chip, chosen ? off : on)}>
        {allLabel}
        {number(null)}
      </button>
      {statuses.map((status) => {
        const { icon: Icon, tone } = statusLook(status);
        const active = chosen?.includes(status) ?? false;
        return (
          <button key={status} type="button" aria-pressed={active} onClick={() => onChange(toggled(chosen, status))} className={cn(chip, active ? on : off)}>
            <Icon className={toneClasses[tone].text} aria-hidden />
            {status}
            {number(status)}
          </button>
        );
      })}
    </div>
  );
}
