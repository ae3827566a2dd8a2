import { replayRange, type ReplayStatus } from "@/api/webhooks";
import { useFeedback } from "@/components/Feedback";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { useAuth } from "@/features/auth/AuthProvider";
import { useForm } from "@/hooks/useForm";
import { serverNow } from "@/lib/clock";
import { focusFirstField } from "@/lib/focus";
import { strings } from "@/lib/strings";
import { isoToLocal, localToIso } from "@/lib/zones";

const t = strings.webhooks.range;
const FIELDS = ["from", "to"] as const;
const DAY_MS = 86_400_000;
const WHICH = ["Failed", "Delivered", "all"] as const;

interface ReplayProps {
  webhookId: string;
  onClose: () => void;
  onReplayed: () => void;
}

/** Deliveries of a stretch of time, made once more: after an endpoint was away, or lost what it had. */
export function ReplayDialog({ open, ...props }: ReplayProps & { open: boolean }) {
  const { zone } = useAuth();
  return (
    <Dialog open={open} onOpenChange={(next) => !next && props.onClose()}>
      {open ? (
        <DialogContent title={t.title} description={t.text} onOpenAutoFocus={focusFirstField}>
          <ReplayForm {...props} zone={zone} />
        </DialogContent>
      ) : null}
    </Dialog>
  );
}

function ReplayForm({ webhookId, zone, onClose, onReplayed }: ReplayProps & { zone: string }) {
  const { toast } = useFeedback();
  const local = (ms: number) => isoToLocal(new Date(Math.floor(ms / 60_000) * 60_000).toISOString(), zone);
  const form = useForm({
    // The minute that has begun belongs to it.
    initial: { from: local(serverNow() - DAY_MS), to: local(serverNow() + 60_000), which: "Failed" as (typeof WHICH)[number] },
    fields: FIELDS,
    validate: (values) => {
      const [from, to] = [localToIso(values.from, zone), localToIso(values.to, zone)];
      return {
        from: from ? undefined : strings.schedules.badTime,
        to: !to ? strings.schedules.badTime : from && Date.parse(to) <= Date.parse(from) ? strings.schedules.endBeforeStart : undefined,
      };
    },
    submit: async (values) => {
      const status: ReplayStatus | undefined = values.which === "all" ? undefined : values.which;
      const { count } = await replayRange(webhookId, { from: localToIso(values.from, zone) ?? "", to: localToIso(values.to, zone) ?? "", status });
      toast({ tone: count > 0 ? "ok" : "info", title: t.count(count) });
      onReplayed();
      onClose();
    },
  });
  return (
    <form ref={form.form} noValidate onSubmit={(event) => void form.onSubmit(event)} className="flex flex-col gap-4">
      <ProblemAlert problem={form.problem} rest={form.rest} />
      <div className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map((name) => (
          <Field key={name} label={t[name]} error={form.errors[name]} hint={name === "from" ? strings.schedules.atHint(zone.replaceAll("_", " ")) : undefined}>
            {(control) => <Input {...control} type="datetime-local" className="tnum" value={form.values[name]} onChange={(event) => form.set(name, event.target.value)} />}
          </Field>
        ))}
      </div>
      <div className="flex flex-col gap-1.5">
        <p className="text-sm font-medium text-ink" aria-hidden>
          {t.which}
        </p>
        <Segmented label={t.which} value={form.values.which} onChange={(which) => form.set("which", which)} options={WHICH.map((value) => ({ value, label: t.whiches[value] }))} className="w-full sm:w-fit" />
        <p className="text-xs text-ink-3">{t.hint}</p>
      </div>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{strings.common.cancel}</Button>
        <Button type="submit" variant="primary" busy={form.busy}>
          {strings.webhooks.replay}
        </Button>
      </div>
    </form>
  );
}
