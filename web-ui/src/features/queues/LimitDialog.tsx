import { limitQueue, type Queue } from "@/api/queues";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useForm } from "@/hooks/useForm";
import { focusFirstField } from "@/lib/focus";
import { strings } from "@/lib/strings";

const t = strings.queues;
const MOST = 100_000;
const FIELDS = ["max_running"] as const;

export function LimitDialog({ queue, onClose, onChanged }: { queue: Queue | null; onClose: () => void; onChanged: (queue: Queue) => void }) {
  return (
    <Dialog open={queue !== null} onOpenChange={(open) => !open && onClose()}>
      {queue ? (
        <DialogContent title={t.changeTitle(queue.name)} description={t.changeText} onOpenAutoFocus={focusFirstField}>
          <LimitForm queue={queue} onClose={onClose} onChanged={onChanged} />
        </DialogContent>
      ) : null}
    </Dialog>
  );
}

function LimitForm({ queue, onClose, onChanged }: { queue: Queue; onClose: () => void; onChanged: (queue: Queue) => void }) {
  const form = useForm({
    initial: { max_running: queue.max_running === null || queue.max_running === undefined ? "" : String(queue.max_running) },
    fields: FIELDS,
    validate: ({ max_running }) => {
      const text = max_running.trim();
      return { max_running: text === "" || (/^\d+$/.test(text) && Number(text) <= MOST) ? undefined : t.wrong };
    },
    submit: async ({ max_running }) => {
      onChanged(await limitQueue(queue.name, max_running.trim() === "" ? null : Number(max_running)));
      onClose();
    },
  });
  return (
    <form ref={form.form} noValidate onSubmit={(event) => void form.onSubmit(event)} className="flex flex-col gap-4">
      <ProblemAlert problem={form.problem} rest={form.rest} />
      <Field label={t.limit} hint={t.hint} error={form.errors.max_running}>
        {(control) => <Input {...control} inputMode="numeric" autoComplete="off" value={form.values.max_running} onChange={(event) => form.set("max_running", event.target.value)} className="tnum max-w-40" />}
      </Field>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{strings.common.cancel}</Button>
        <Button type="submit" variant="primary" busy={form.busy}>
          {strings.common.save}
        </Button>
      </div>
    </form>
  );
}
