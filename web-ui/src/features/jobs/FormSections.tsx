import type { ReactNode } from "react";
import type { SimulatedExecutor } from "@/api/engine";
import type { Priority } from "@/api/types";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Input, Textarea } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { PriorityMark, StatusBadge } from "@/components/StatusBadge";
import { cn } from "@/lib/cn";
import { features } from "@/lib/features";
import { strings } from "@/lib/strings";
import { PRIORITIES } from "@/lib/status";
import type { Errors } from "@/hooks/useForm";
import type { JobValues } from "./jobValues";
import { HttpFields } from "./HttpFields";
import { PayloadField } from "./PayloadField";
import { TagInput } from "./TagInput";
import { WorkerFields } from "./WorkerFields";

const t = strings.jobs;

export interface SectionProps {
  values: JobValues;
  set: <K extends keyof JobValues>(key: K, value: JobValues[K]) => void;
  errors: Errors;
}

export function Section({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <Card>
      <CardHeader title={title} description={text} />
      <CardBody className="flex flex-col gap-4">{children}</CardBody>
    </Card>
  );
}

export function BasicsSection({ values, set, errors }: SectionProps) {
  return (
    <Section title={t.basics} text={t.basicsText}>
      <Field label={t.name} error={errors.job_name}>
        {(control) => (
          <Input {...control} value={values.job_name} maxLength={400} placeholder={t.namePlaceholder} onChange={(event) => set("job_name", event.target.value)} />
        )}
      </Field>
      <div className="flex min-w-0 flex-col gap-1.5">
        <span className="text-sm font-medium">{t.priority}</span>
        <Segmented<Priority>
          label={t.priority}
          value={values.priority}
          onChange={(value) => set("priority", value)}
          options={[...PRIORITIES].reverse().map((value) => ({ value, label: <PriorityMark priority={value} className="text-inherit [&_svg]:hidden sm:[&_svg]:block" /> }))}
          className="w-full sm:w-fit"
        />
      </div>
      <Field label={t.description} optional error={errors.description}>
        {(control) => (
          <Textarea {...control} rows={2} value={values.description} placeholder={t.descriptionPlaceholder} onChange={(event) => set("description", event.target.value)} />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t.tags} optional error={errors.tags} hint={t.tagsHint}>
          {(control) => <TagInput {...control} value={values.tags} onChange={(tags) => set("tags", tags)} />}
        </Field>
        <Field label={t.externalId} optional error={errors.external_id} hint={t.externalIdHint}>
          {(control) => <Input {...control} value={values.external_id} autoCapitalize="none" spellCheck={false} onChange={(event) => set("external_id", event.target.value)} />}
        </Field>
      </div>
    </Section>
  );
}

/** One card per kind the server has; one kind needs no choice. */
function ExecutorChoice({ values, set }: Pick<SectionProps, "values" | "set">) {
  const kinds = [...new Set([...features.executors, values.executor_type])];
  return (
    <div role="radiogroup" aria-label={t.action} className={cn("grid gap-2", kinds.length === 4 ? "sm:grid-cols-2" : "sm:grid-cols-3")}>
      {kinds.map((kind) => {
        const words = t.executors[kind] ?? { title: kind, text: "" };
        const active = kind === values.executor_type;
        return (
          <button
            key={kind}
            type="button"
            role="radio"
            aria-checked={active}
            onClick={() => set("executor_type", kind)}
            className={cn("flex flex-col justify-start rounded-lg border px-3.5 py-2.5 text-left transition-colors", active ? "border-accent bg-accent-soft" : "border-line-strong hover:bg-surface-2")}
          >
            <span className="block text-sm font-medium text-ink">{words.title}</span>
            <span className="block text-xs text-ink-2">{words.text}</span>
          </button>
        );
      })}
    </div>
  );
}

const OUTCOMES: SimulatedExecutor["outcome"][] = ["Completed", "Failed"];

function SimulatedFields({ values, set, errors }: SectionProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_auto_minmax(0,9rem)]">
      <Field label={t.duration} error={errors["executor.duration_ms"]} hint={t.durationHint}>
        {(control) => (
          <div className="relative">
            <Input {...control} inputMode="decimal" value={values.duration_seconds} onChange={(event) => set("duration_seconds", event.target.value)} className="tnum pr-18" />
            <span className="pointer-events-none absolute inset-y-0 right-3 flex items-center text-sm text-ink-3" aria-hidden>
              {t.seconds}
            </span>
          </div>
        )}
      </Field>
      <div className="flex min-w-0 flex-col gap-1.5">
        <span className="text-sm font-medium">{t.outcome}</span>
        <Segmented
          label={t.outcome}
          value={values.outcome}
          onChange={(value) => set("outcome", value)}
          options={OUTCOMES.map((value) => ({ value, title: value, label: <StatusBadge status={value} className="bg-transparent px-0 text-[inherit]" /> }))}
        />
        {errors["executor.outcome"] ? <p className="text-sm text-danger-text">{errors["executor.outcome"]}</p> : <p className="text-xs text-ink-3">{t.outcomeHint}</p>}
      </div>
      <Field label={t.failureRate} error={errors["executor.failure_rate"]} hint={t.failureRateHint}>
        {(control) => <Input {...control} inputMode="decimal" className="tnum" value={values.failure_percent} onChange={(event) => set("failure_percent", event.target.value)} />}
      </Field>
    </div>
  );
}

export function ActionSection(props: SectionProps) {
  return (
    <Section title={t.action} text={t.actionText}>
      {features.executors.length > 1 || props.values.executor_type !== "simulated" ? <ExecutorChoice values={props.values} set={props.set} /> : null}
      {props.values.executor_type === "simulated" ? <SimulatedFields {...props} /> : null}
      {props.values.executor_type === "http" ? <HttpFields {...props} /> : null}
      {props.values.executor_type === "worker" ? <WorkerFields {...props} /> : null}
      {props.values.executor_type === "heartbeat" ? (
        <>
          <Field label={t.grace} error={props.errors["executor.grace_seconds"]} hint={t.graceHint}>
            {(control) => <Input {...control} inputMode="numeric" value={props.values.grace_seconds} onChange={(event) => props.set("grace_seconds", event.target.value)} className="tnum max-w-40" />}
          </Field>
          <p className="text-sm text-ink-2">{t.graceText}</p>
        </>
      ) : null}
    </Section>
  );
}

export function PayloadSection({ values, set, errors }: SectionProps) {
  return (
    <Section title={t.payload} text={t.payloadText}>
      <PayloadField value={values.payload} onChange={(payload) => set("payload", payload)} error={errors.payload} />
    </Section>
  );
}
