import { Check, ChevronsUpDown } from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { serverNow } from "@/lib/clock";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";
import { formatOffset, isZone, offsetMinutes, searchZones } from "@/lib/zones";

const t = strings.schedules;

interface ZoneFieldProps {
  value: string;
  error?: string;
  label?: string;
  onChange: (zone: string) => void;
}

/** A zone, found by typing a part of its name. What is typed and is none goes back to the last one on leaving. */
export function ZoneField({ value, error, label = t.zone, onChange }: ZoneFieldProps) {
  const listId = useId();
  const [text, setText] = useState(value);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const typed = open && text !== value;
  const found = useMemo(() => (open ? searchZones(typed ? text : "") : []), [open, typed, text]);
  const choices = typed || !isZone(value) ? found : [value, ...found.filter((zone) => zone !== value)];
  const now = serverNow();

  useEffect(() => setText(value), [value]);
  useEffect(() => setAt(0), [text, open]);
  // Braces: newer browsers answer scrollIntoView with a promise, which an effect must not return.
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const choose = (zone: string) => {
    onChange(zone);
    setText(zone);
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt((known) => (choices.length === 0 ? 0 : (known + step + choices.length) % choices.length));
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      const zone = choices[at];
      if (zone) choose(zone);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      setText(value);
      setOpen(false);
    }
  };

  return (
    <Field label={label} error={error} hint={isZone(value) ? `${formatOffset(offsetMinutes(now, value))} · ${t.zoneHint}` : t.zoneHint}>
      {(control) => (
        <div className="relative">
          <Input
            {...control}
            role="combobox"
            aria-expanded={open}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={open && choices[at] ? `${listId}-${at}` : undefined}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={text}
            className="pr-9"
            onFocus={(event) => event.target.select()}
            onClick={() => setOpen(true)}
            onChange={(event) => {
              setText(event.target.value);
              setOpen(true);
            }}
            onKeyDown={onKeyDown}
            onBlur={() => {
              setOpen(false);
              const exact = searchZones(text, 1)[0];
              if (text !== value && exact && exact.toLowerCase() === text.trim().toLowerCase()) onChange(exact);
              else setText(value);
            }}
          />
          <ChevronsUpDown className="pointer-events-none absolute right-2.5 top-2.5 size-4 text-ink-3" aria-hidden />
          <ul
            ref={list}
            id={listId}
            role="listbox"
            aria-label={t.zoneList}
            hidden={!open}
            className="absolute inset-x-0 top-full z-40 mt-1 max-h-64 animate-fade-in overflow-y-auto rounded-xl border border-line bg-surface p-1 shadow-2"
          >
            {choices.length === 0 ? (
              <li role="option" aria-disabled aria-selected={false} className="px-2.5 py-2 text-sm text-ink-3">
                {t.zoneNone}
              </li>
            ) : null}
            {choices.map((zone, index) => (
              // The keyboard works at the input, by aria-activedescendant.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events
              <li
                key={zone}
                id={`${listId}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                onMouseDown={(event) => event.preventDefault()}
                onMouseMove={() => setAt(index)}
                onClick={() => choose(zone)}
                className={cn("flex cursor-pointer items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm text-ink", index === at && "bg-surface-3")}
              >
                <Check className={cn("size-4 shrink-0 text-accent-text", zone !== value && "invisible")} aria-hidden />
                <span className="truncate">{zone.replaceAll("_", " ")}</span>
                <span className="tnum ml-auto shrink-0 text-xs text-ink-3">{formatOffset(offsetMinutes(now, zone))}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Field>
  );
}
