import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";

const t = strings.schedules;
const FIVE = ["minute", "hour", "day", "month", "weekday"] as const;
const SIX = ["second", ...FIVE] as const;

/** Which part of an expression the caret stands in. */
export function fieldAt(text: string, caret: number): number {
  const before = text.slice(0, caret).trimStart();
  return Math.max(0, before.split(/\s+/).length - 1);
}

/** Where a part stands in the text. */
function spanOf(text: string, index: number): [number, number] | null {
  const match = [...text.matchAll(/\S+/g)][index];
  return match ? [match.index, match.index + match[0].length] : null;
}

interface CronFieldsProps {
  value: string;
  error: string | undefined;
  onChange: (expression: string) => void;
}

/** The expression, its parts with help for the one that is being edited, and common ones to start from. */
export function CronFields({ value, error, onChange }: CronFieldsProps) {
  const input = useRef<HTMLInputElement>(null);
  const [at, setAt] = useState(0);
  const parts = value.trim().split(/\s+/).filter(Boolean);
  const nickname = value.trim().startsWith("@");
  const names = parts.length === 6 ? SIX : FIVE;
  const shown = Math.min(at, names.length - 1);
  const help = t.fields[names[shown]!];
  const day = parts[names.length - 3];
  const weekday = parts[names.length - 1];
  const either = parts.length === names.length && day !== undefined && weekday !== undefined && !day.startsWith("*") && !weekday.startsWith("*");

  const follow = () => setAt(fieldAt(input.current?.value ?? "", input.current?.selectionStart ?? 0));
  const pick = (index: number) => {
    const span = spanOf(value, index);
    input.current?.focus();
    if (span) input.current?.setSelectionRange(span[0], span[1]);
    setAt(index);
  };

  return (
    <div className="flex flex-col gap-2.5">
      <Field label={t.expression} error={error}>
        {(control) => (
          <Input
            {...control}
            ref={input}
            value={value}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            className="h-11 font-mono text-lg tracking-wide sm:text-lg"
            onChange={(event) => {
              onChange(event.target.value);
              follow();
            }}
            onSelect={follow}
          />
        )}
      </Field>
      {nickname ? (
        <p className="text-xs text-ink-3">{t.nicknameHelp}</p>
      ) : (
        <>
          <div role="group" aria-label={t.fieldsLabel} className={cn("grid gap-1.5", names.length === 6 ? "grid-cols-3 sm:grid-cols-6" : "grid-cols-3 sm:grid-cols-5")}>
            {names.map((name, index) => (
              <button
                key={name}
                type="button"
                onClick={() => pick(index)}
                className={cn(
                  "min-w-0 rounded-lg border px-2 py-1.5 text-left transition-colors",
                  index === shown ? "border-accent bg-accent-soft" : "border-line hover:border-line-strong hover:bg-surface-2",
                )}
              >
                <span className="block truncate font-mono text-sm font-medium text-ink">{parts[index] ?? "–"}</span>
                <span className="block truncate text-2xs text-ink-2">{t.fields[name].word}</span>
              </button>
            ))}
          </div>
          <p className="text-xs text-ink-2" aria-live="polite">
            <span className="font-medium text-ink">{help.word}</span> <span className="tnum text-ink-3">{help.range}</span> · {help.help}
          </p>
          {either ? <p className="text-xs text-wait-text">{t.bothDays}</p> : null}
        </>
      )}
      <div className="flex flex-wrap items-center gap-1.5">
        <span className="mr-0.5 text-xs text-ink-3">{t.presets}</span>
        {t.presetList.map(([words, expression]) => (
          <Button key={expression} size="sm" variant="secondary" className="h-7 px-2 text-xs" aria-pressed={value.trim() === expression} onClick={() => onChange(expression)}>
            {words}
          </Button>
        ))}
      </div>
    </div>
  );
}
