import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import type { Schedule } from "@/api/engine";
import type { Errors } from "@/hooks/useForm";
import { strings } from "@/lib/strings";
import { ClockRules } from "./ClockRules";
import { CronFields } from "./CronFields";
import { SchedulePreview } from "./NextRuns";
import type { PreviewState } from "./usePreview";
import { UNITS, type ScheduleKind, type ScheduleValues, type Unit } from "./values";
import { ZoneField } from "./ZoneField";

const t = strings.schedules;
const KINDS: ScheduleKind[] = ["none", "once", "interval", "cron"];

interface ScheduleSectionProps {
  values: ScheduleValues;
  /** What the values stand for, as far as they make a schedule. */
  schedule: Schedule | null;
  onChange: (values: ScheduleValues) => void;
  errors: Errors;
  preview: PreviewState;
}

/** When the job runs: nothing, once, a repeat or cron, with what the server makes of it. */
export function ScheduleSection({ values, schedule, onChange, errors: own, preview }: ScheduleSectionProps) {
  const set = <K extends keyof ScheduleValues>(key: K, value: ScheduleValues[K]) => onChange({ ...values, [key]: value });
  // An error that was taken away leaves an empty word behind, which must not hide what the preview says.
  const errors: Errors = { ...preview.errors, ...Object.fromEntries(Object.entries(own).filter(([, message]) => message)) };
  const scheduled = values.kind !== "none";
  return (
    <Card data-section="schedule">
      <CardHeader title={t.title} description={t.text} />
      <CardBody className="flex flex-col gap-4">
        <Segmented<ScheduleKind>
          label={t.kind}
          value={values.kind}
          onChange={(kind) => set("kind", kind)}
          options={KINDS.map((value) => ({ value, label: t.kinds[value] }))}
          className="w-full sm:w-fit"
        />
        {scheduled ? null : <p className="text-sm text-ink-2">{t.noneText}</p>}
        {values.kind === "once" ? (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t.at} error={errors["schedule.at"]} hint={t.atHint(values.time_zone.replaceAll("_", " "))}>
              {(control) => <Input {...control} type="datetime-local" step={1} value={values.at} onChange={(event) => set("at", event.target.value)} className="tnum" />}
            </Field>
            <ZoneField value={values.time_zone} error={errors["schedule.time_zone"]} onChange={(zone) => set("time_zone", zone)} />
          </div>
        ) : null}
        {values.kind === "interval" ? (
          <Field label={t.every} error={errors["schedule.every_seconds"]} hint={t.everyHint}>
            {(control) => (
              <div className="flex max-w-sm gap-2">
                <Input {...control} inputMode="numeric" value={values.every} onChange={(event) => set("every", event.target.value)} className="tnum w-28" />
                <Select aria-label={t.unit} value={values.unit} className="flex-1" onChange={(event) => set("unit", event.target.value as Unit)}>
                  {(Object.keys(UNITS) as Unit[]).map((unit) => (
                    <option key={unit} value={unit}>
                      {t.units[unit]}
                    </option>
                  ))}
                </Select>
              </div>
            )}
          </Field>
        ) : null}
        {values.kind === "cron" ? (
          <>
            <CronFields value={values.expression} error={errors["schedule.expression"]} onChange={(expression) => set("expression", expression)} />
            <div className="sm:max-w-sm">
              <ZoneField value={values.time_zone} error={errors["schedule.time_zone"]} onChange={(zone) => set("time_zone", zone)} />
            </div>
          </>
        ) : null}
        {errors.schedule ? <p className="text-sm text-danger-text" role="alert">{errors.schedule}</p> : null}
        {scheduled ? <SchedulePreview state={preview} kind={values.kind} schedule={schedule} /> : null}
        {scheduled && values.kind !== "once" ? <More values={values} set={set} errors={errors} /> : null}
      </CardBody>
    </Card>
  );
}

interface MoreProps {
  values: ScheduleValues;
  set: <K extends keyof ScheduleValues>(key: K, value: ScheduleValues[K]) => void;
  errors: Errors;
}

const MORE_PATHS = ["schedule.start_at", "schedule.end_at", "schedule.jitter_seconds", "schedule.on_gap", "schedule.on_repeat"];

/** What few need: closed, unless something in it is set or wrong. */
function More({ values, set, errors }: MoreProps) {
  const used = Boolean(values.start_at || values.end_at || values.jitter || values.on_gap !== "unix" || values.on_repeat !== "unix");
  const [open, setOpen] = useState(used);
  const wrong = MORE_PATHS.some((path) => errors[path]);
  const hint = t.atHint(values.time_zone.replaceAll("_", " "));
  const interval = values.kind === "interval";
  return (
    <details open={open || wrong} onToggle={(event) => setOpen(event.currentTarget.open)} className="group rounded-lg border border-line">
      <summary className="focus-inset flex list-none items-center gap-2 rounded-lg px-3 py-2 text-sm font-medium text-ink-2 hover:text-ink">
        <ChevronRight className="size-4 transition-transform group-open:rotate-90" aria-hidden />
        {t.more}
      </summary>
      <div className="flex flex-col gap-4 border-t border-line px-3 pb-4 pt-3">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={interval ? t.startAtInterval : t.startAt} optional error={errors["schedule.start_at"]} hint={interval ? `${t.startAtHint} ${hint}` : hint}>
            {(control) => <Input {...control} type="datetime-local" step={1} value={values.start_at} onChange={(event) => set("start_at", event.target.value)} className="tnum" />}
          </Field>
          <Field label={t.endAt} optional error={errors["schedule.end_at"]} hint={hint}>
            {(control) => <Input {...control} type="datetime-local" step={1} value={values.end_at} onChange={(event) => set("end_at", event.target.value)} className="tnum" />}
          </Field>
        </div>
        <Field label={t.jitter} optional error={errors["schedule.jitter_seconds"]} hint={t.jitterHint}>
          {(control) => <Input {...control} inputMode="numeric" value={values.jitter} onChange={(event) => set("jitter", event.target.value)} className="tnum max-w-40" />}
        </Field>
        {interval ? null : (
          <ClockRules onGap={values.on_gap} onRepeat={values.on_repeat} setGap={(value) => set("on_gap", value)} setRepeat={(value) => set("on_repeat", value)} errors={errors} />
        )}
      </div>
    </details>
  );
}
