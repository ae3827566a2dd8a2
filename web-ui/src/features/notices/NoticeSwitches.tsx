import { useId } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Switch } from "@/components/ui/toggle";
import { strings } from "@/lib/strings";
import { SWITCHES, type NoticeValues } from "./policy";

const t = strings.notices;

/** The switches of a policy. */
export function NoticeSwitches({ values, onChange, error }: { values: NoticeValues; onChange: (values: NoticeValues) => void; error?: string }) {
  const id = useId();
  return (
    <div className="flex flex-col">
      {SWITCHES.map((name) => (
        <div key={name} className="flex items-center justify-between gap-4 border-t border-line py-3 first:border-t-0 first:pt-0">
          <div className="min-w-0">
            <label htmlFor={`${id}-${name}`} className="text-sm font-medium text-ink">
              {t.switches[name].title}
            </label>
            <p id={`${id}-${name}-text`} className="text-xs text-ink-3">
              {t.switches[name].text}
            </p>
          </div>
          <Switch id={`${id}-${name}`} aria-describedby={`${id}-${name}-text`} checked={values[name]} onCheckedChange={(on) => onChange({ ...values, [name]: on })} />
        </div>
      ))}
      <div className="border-t border-line pt-3">
        <Field label={t.remind} optional error={error} hint={t.remindHint}>
          {(control) => (
            <Input {...control} inputMode="numeric" className="tnum max-w-28" value={values.remind_hours} onChange={(event) => onChange({ ...values, remind_hours: event.target.value })} />
          )}
        </Field>
      </div>
    </div>
  );
}
