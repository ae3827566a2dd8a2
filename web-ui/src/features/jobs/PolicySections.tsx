import type { CatchUpPolicy, Overlap } from "@/api/engine";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { Choices } from "@/features/schedules/ClockRules";
import { strings } from "@/lib/strings";
import { Section, type SectionProps } from "./FormSections";
import type { JobValues } from "./jobValues";
import { TagInput } from "./TagInput";

const t = strings.jobs;

export function ReliabilitySection({ values, set, errors }: SectionProps) {
  const retries = Number(values.max_attempts) > 1;
  return (
    <Section title={t.reliability} text={t.reliabilityText}>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label={t.timeout} optional error={errors.timeout_seconds} hint={t.timeoutHints[values.executor_type] ?? t.timeoutHint}>
          {(control) => <Input {...control} inputMode="numeric" className="tnum" value={values.timeout_seconds} onChange={(event) => set("timeout_seconds", event.target.value)} />}
        </Field>
        <Field label={t.runTimeout} optional error={errors.run_timeout_seconds} hint={t.runTimeoutHint}>
          {(control) => <Input {...control} inputMode="numeric" className="tnum" value={values.run_timeout_seconds} onChange={(event) => set("run_timeout_seconds", event.target.value)} />}
        </Field>
        <Field label={t.attempts} error={errors["retry.max_attempts"]} hint={t.attemptsHint}>
          {(control) => <Input {...control} inputMode="numeric" className="tnum" value={values.max_attempts} onChange={(event) => set("max_attempts", event.target.value)} />}
        </Field>
      </div>
      {retries ? (
        <>
          <div className="grid animate-fade-in gap-4 sm:grid-cols-3">
            <Field label={t.backoff} error={errors["retry.backoff"]}>
              {(control) => (
                <Select {...control} value={values.backoff} onChange={(event) => set("backoff", event.target.value as JobValues["backoff"])}>
                  {Object.entries(t.backoffs).map(([value, label]) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            {values.backoff === "list" ? (
              <Field label={t.delays} error={errors["retry.delays"]} hint={t.delaysHint} className="sm:col-span-2">
                {(control) => <Input {...control} className="tnum" placeholder="5, 30, 300" value={values.delays} onChange={(event) => set("delays", event.target.value)} />}
              </Field>
            ) : (
              <>
                <Field label={t.initial} error={errors["retry.initial_seconds"]} hint={t.seconds}>
                  {(control) => <Input {...control} inputMode="numeric" className="tnum" value={values.initial_seconds} onChange={(event) => set("initial_seconds", event.target.value)} />}
                </Field>
                <Field label={t.maximum} error={errors["retry.max_seconds"]} hint={t.seconds}>
                  {(control) => <Input {...control} inputMode="numeric" className="tnum" value={values.max_seconds} onChange={(event) => set("max_seconds", event.target.value)} />}
                </Field>
              </>
            )}
          </div>
          <Field label={t.retryOn} optional error={errors["retry.on"]} hint={t.retryOnHint}>
            {(control) => <TagInput {...control} value={values.retry_on} onChange={(codes) => set("retry_on", codes)} placeholder={t.retryOnPlaceholder} removeLabel={t.removeCode} />}
          </Field>
        </>
      ) : null}
    </Section>
  );
}

/** When runs of one job meet, and when there was nobody to run them. */
export function MeetingSection({ values, set, errors }: SectionProps) {
  const scheduled = values.schedule.kind !== "none";
  return (
    <Section title={t.meeting} text={t.meetingText}>
      <Choices<Overlap> label={t.overlap} text={t.overlapText} value={values.overlap} options={t.overlaps} onChange={(value) => set("overlap", value)} error={errors.overlap} />
      {values.overlap === "allow" ? (
        <Field label={t.maxRunning} optional error={errors.max_running} hint={t.maxRunningHint}>
          {(control) => <Input {...control} inputMode="numeric" className="tnum max-w-40" value={values.max_running} onChange={(event) => set("max_running", event.target.value)} />}
        </Field>
      ) : null}
      {scheduled ? (
        <>
          <Choices<CatchUpPolicy> label={t.catchUp} text={t.catchUpText} value={values.catch_up_policy} options={t.catchUps} onChange={(value) => set("catch_up_policy", value)} error={errors["catch_up.policy"]} />
          {values.catch_up_policy === "none" ? null : (
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label={t.catchUpWindow} error={errors["catch_up.window_seconds"]} hint={t.catchUpWindowHint}>
                {(control) => <Input {...control} inputMode="decimal" className="tnum max-w-40" value={values.catch_up_hours} onChange={(event) => set("catch_up_hours", event.target.value)} />}
              </Field>
              {values.catch_up_policy === "all" ? (
                <Field label={t.catchUpRuns} error={errors["catch_up.max_runs"]} hint={t.catchUpRunsHint}>
                  {(control) => <Input {...control} inputMode="numeric" className="tnum max-w-40" value={values.catch_up_runs} onChange={(event) => set("catch_up_runs", event.target.value)} />}
                </Field>
              ) : null}
            </div>
          )}
        </>
      ) : null}
    </Section>
  );
}
