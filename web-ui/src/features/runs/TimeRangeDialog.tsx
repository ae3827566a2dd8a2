import { ProblemAlert } from "@/components/ProblemAlert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useAuth } from "@/features/auth/AuthProvider";
import { useForm } from "@/hooks/useForm";
import { focusFirstField } from "@/lib/focus";
import { strings } from "@/lib/strings";
import { isoToLocal, localToIso } from "@/lib/zones";
import type { RunFilters } from "./runQuery";

const t = strings.runs;
const FIELDS = ["from", "to"] as const;

interface TimeRangeProps {
  filters: RunFilters;
  onClose: () => void;
  onChange: (from: string | undefined, to: string | undefined) => void;
}

/** A time with a beginning, an end, or both, in the person's zone. */
export function TimeRangeDialog({ open, ...props }: TimeRangeProps & { open: boolean }) {
  const { zone } = useAuth();
  return (
    <Dialog open={open} onOpenChange={(next) => !next && props.onClose()}>
      {open ? (
        <DialogContent title={t.betweenTitle} description={t.betweenText(zone)} onOpenAutoFocus={focusFirstField}>
          <RangeForm {...props} zone={zone} />
        </DialogContent>
      ) : null}
    </Dialog>
  );
}

function RangeForm({ filters, zone, onClose, onChange }: TimeRangeProps & { zone: string }) {
  const read = (text: string) => (text ? (localToIso(text, zone) ?? undefined) : undefined);
  const form = useForm({
    initial: { from: isoToLocal(filters.created_after, zone), to: isoToLocal(filters.created_before, zone) },
    fields: FIELDS,
    validate: ({ from, to }) => {
      const [start, end] = [read(from), read(to)];
      return { from: start || end ? undefined : t.noTime, to: start && end && Date.parse(end) <= Date.parse(start) ? t.wrongOrder : undefined };
    },
    submit: async ({ from, to }) => {
      onChange(read(from), read(to));
      onClose();
    },
  });
  return (
    <form ref={form.form} noValidate onSubmit={(event) => void form.onSubmit(event)} className="flex flex-col gap-4">
      <ProblemAlert problem={form.problem} rest={form.rest} />
      <div className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map((name) => (
          <Field key={name} label={t[name]} error={form.errors[name]}>
            {(control) => <Input {...control} type="datetime-local" className="tnum" value={form.values[name]} onChange={(event) => form.set(name, event.target.value)} />}
          </Field>
        ))}
      </div>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{strings.common.cancel}</Button>
        <Button type="submit" variant="primary">
          {t.show}
        </Button>
      </div>
    </form>
  );
}
