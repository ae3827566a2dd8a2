import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { strings } from "@/lib/strings";

const t = strings.jobs;

/** The text of the question, with a field for the answer. */
export function PauseReason({ reason }: { reason: { current: string } }) {
  return (
    <div className="flex flex-col gap-3">
      <p>{t.pauseText}</p>
      <Field label={t.pauseReason} optional>
        {(control) => <Input {...control} maxLength={500} placeholder={t.pauseReasonPlaceholder} onChange={(event) => (reason.current = event.target.value)} />}
      </Field>
    </div>
  );
}
