import { useId } from "react";
import type { OnGap, OnRepeat } from "@/api/engine";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";

const t = strings.schedules;

interface ChoicesProps<T extends string> {
  label: string;
  text: string;
  value: T;
  options: Record<T, { title: string; text: string }>;
  onChange: (value: T) => void;
  error?: string;
}

/** A choice whose options need a sentence each. */
export function Choices<T extends string>({ label, text, value, options, onChange, error }: ChoicesProps<T>) {
  const group = useId();
  return (
    <fieldset className="min-w-0">
      <legend className="text-sm font-medium text-ink">{label}</legend>
      <p className="mb-2 text-xs text-ink-3">{text}</p>
      <div className="flex flex-col gap-0.5">
        {(Object.entries(options) as [T, { title: string; text: string }][]).map(([word, { title, text: explained }]) => (
          <label key={word} htmlFor={`${group}-${word}`} className={cn("flex items-start gap-2.5 rounded-lg px-2 py-1.5 text-sm hover:bg-surface-2", word === value && "bg-accent-soft hover:bg-accent-soft")}>
            <input type="radio" id={`${group}-${word}`} name={group} checked={word === value} onChange={() => onChange(word)} className="mt-[3px] size-4 shrink-0 accent-[var(--accent)]" />
            <span className="min-w-0">
              <span className="block font-medium text-ink">{title}</span>
              <span className="block text-xs text-ink-2">{explained}</span>
            </span>
          </label>
        ))}
      </div>
      {error ? <p className="mt-1 text-sm text-danger-text">{error}</p> : null}
    </fieldset>
  );
}

interface ClockRulesProps {
  onGap: OnGap;
  onRepeat: OnRepeat;
  setGap: (value: OnGap) => void;
  setRepeat: (value: OnRepeat) => void;
  errors: Record<string, string | undefined>;
}

export function ClockRules({ onGap, onRepeat, setGap, setRepeat, errors }: ClockRulesProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Choices label={t.onGap} text={t.onGapText} value={onGap} options={t.onGaps} onChange={setGap} error={errors["schedule.on_gap"]} />
      <Choices label={t.onRepeat} text={t.onRepeatText} value={onRepeat} options={t.onRepeats} onChange={setRepeat} error={errors["schedule.on_repeat"]} />
    </div>
  );
}
