import { useMemo, useRef, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Button } from "@/components/ui/button";
import { useForm } from "@/hooks/useForm";
import { useUnsavedGuard } from "@/hooks/useUnsavedGuard";
import { strings } from "@/lib/strings";
import { NoticesSection } from "@/features/notices/NoticesSection";
import { ScheduleSection } from "@/features/schedules/ScheduleSection";
import { usePreview } from "@/features/schedules/usePreview";
import { ActionSection, BasicsSection, PayloadSection } from "./FormSections";
import { JobSummary } from "./JobSummary";
import { isDirty, scheduleOf } from "./jobForm";
import { FIELD_PATHS, type JobValues } from "./jobValues";
import { validateJob } from "./jobRules";
import { MeetingSection, ReliabilitySection } from "./PolicySections";

interface JobFormProps {
  initial: JobValues;
  submitLabel: string;
  /** A second way to submit, such as "Create and run". */
  secondLabel?: string;
  backTo: string;
  /** Saves, and answers with the address to go to. */
  onSave: (values: JobValues, second: boolean) => Promise<string | null>;
  banner?: ReactNode;
}

/** The form of a job, for new and existing ones. */
export function JobForm({ initial, submitLabel, secondLabel, backTo, onSave, banner }: JobFormProps) {
  const navigate = useNavigate();
  const second = useRef(false);
  const form = useForm({
    initial,
    fields: FIELD_PATHS,
    validate: validateJob,
    submit: async (values) => {
      const target = await onSave(values, second.current);
      if (target === null) return;
      letPass();
      await navigate(target);
    },
  });
  const letPass = useUnsavedGuard(isDirty(initial, form.values));
  const schedule = useMemo(() => scheduleOf(form.values), [form.values]);
  const preview = usePreview(schedule);
  const section = { values: form.values, set: form.set, errors: form.errors };

  const submitSecond = () => {
    second.current = true;
    form.form.current?.requestSubmit();
  };

  return (
    <form
      ref={form.form}
      noValidate
      onSubmit={(event) => void form.onSubmit(event).finally(() => (second.current = false))}
      className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_17rem]"
    >
      <div className="flex min-w-0 flex-col gap-4">
        {banner}
        <ProblemAlert problem={form.problem} rest={form.rest} />
        <BasicsSection {...section} />
        <ActionSection {...section} />
        <ScheduleSection values={form.values.schedule} schedule={schedule} onChange={(value) => form.set("schedule", value)} errors={form.errors} preview={preview} />
        <PayloadSection {...section} />
        <ReliabilitySection {...section} />
        <MeetingSection {...section} />
        <NoticesSection {...section} />
      </div>
      <div className="sticky bottom-0 flex min-w-0 flex-col gap-4 lg:bottom-auto lg:top-7">
        <div className="hidden lg:block">
          <JobSummary values={form.values} preview={preview.preview} />
        </div>
        <div className="-mx-4 flex gap-2 border-t border-line bg-canvas/95 px-4 py-3 backdrop-blur-md sm:-mx-6 sm:px-6 lg:mx-0 lg:flex-col lg:border-0 lg:bg-transparent lg:p-0">
          <Button variant="primary" size="lg" className="flex-1 lg:w-full lg:flex-none" busy={form.busy} type="submit">
            {submitLabel}
          </Button>
          {secondLabel ? (
            <Button size="lg" className="flex-1 lg:w-full lg:flex-none" disabled={form.busy} onClick={submitSecond}>
              {secondLabel}
            </Button>
          ) : null}
          <Button variant="ghost" size="lg" className="lg:w-full" onClick={() => void navigate(backTo)}>
            {strings.common.cancel}
          </Button>
        </div>
      </div>
    </form>
  );
}
