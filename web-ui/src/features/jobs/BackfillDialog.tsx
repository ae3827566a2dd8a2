import { useState } from "react";
import { backfillJob } from "@/api/jobs";
import type { Backfill } from "@/api/engine";
import { fieldErrors, toProblem, type Problem } from "@/api/problem";
import type { Job } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useAuth } from "@/features/auth/AuthProvider";
import { serverNow } from "@/lib/clock";
import { formatInstant, formatNumber } from "@/lib/format";
import { isoToLocal, localToIso } from "@/lib/zones";
import { focusFirstField } from "@/lib/focus";
import { strings } from "@/lib/strings";

const t = strings.jobs.backfill;
const PATHS = ["from", "to", "max_runs"] as const;
const DAY_MS = 86_400_000;

interface BackfillDialogProps {
  job: Job;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onStarted: () => void;
}

/** Runs for a window of the past: rehearsed first, then started. */
export function BackfillDialog({ job, open, onOpenChange, onStarted }: BackfillDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      {open ? (
        <DialogContent title={t.title} onOpenAutoFocus={focusFirstField} description={t.text}>
          <BackfillForm job={job} onClose={() => onOpenChange(false)} onStarted={onStarted} />
        </DialogContent>
      ) : null}
    </Dialog>
  );
}

function BackfillForm({ job, onClose, onStarted }: { job: Job; onClose: () => void; onStarted: () => void }) {
  const { toast } = useFeedback();
  const { ownZone: own } = useAuth();
  const zone = job.schedule?.type === "cron" ? job.schedule.time_zone : own;
  const [values, setValues] = useState(() => ({
    from: isoToLocal(new Date(serverNow() - DAY_MS).toISOString(), zone).slice(0, 16),
    to: isoToLocal(new Date(serverNow()).toISOString(), zone).slice(0, 16),
    max_runs: "100",
  }));
  const [rehearsal, setRehearsal] = useState<Backfill | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const put = (key: keyof typeof values, value: string) => {
    setValues((known) => ({ ...known, [key]: value }));
    setRehearsal(null);
    setErrors({});
  };

  const send = async (dryRun: boolean) => {
    const from = localToIso(values.from, zone);
    const to = localToIso(values.to, zone);
    const most = Number(values.max_runs);
    const wrong: Record<string, string> = {};
    if (!from) wrong.from = strings.schedules.badTime;
    if (!to) wrong.to = strings.schedules.badTime;
    if (from && to && to <= from) wrong.to = strings.schedules.endBeforeStart;
    if (!Number.isInteger(most) || most < 1) wrong.max_runs = strings.jobs.rules.atLeast("1");
    setErrors(wrong);
    if (!from || !to || Object.keys(wrong).length > 0) return;
    setBusy(true);
    setProblem(null);
    try {
      const answer = await backfillJob(job.job_id, { from, to, max_runs: most }, dryRun);
      if (dryRun) return setRehearsal(answer);
      toast({ tone: "ok", title: t.started(formatNumber(answer.started)) });
      onStarted();
      onClose();
    } catch (thrown) {
      const failed = toProblem(thrown);
      const sorted = fieldErrors(failed, PATHS);
      setErrors(sorted.byField);
      if (Object.keys(sorted.byField).length === 0) setProblem(failed);
    } finally {
      setBusy(false);
    }
  };
  const at = (iso: string | null) => (iso ? formatInstant(iso, zone, "weekday") : "–");

  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send(rehearsal === null);
      }}
    >
      <ProblemAlert problem={problem} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t.from} error={errors.from} hint={strings.schedules.atHint(zone.replaceAll("_", " "))}>
          {(control) => <Input {...control} type="datetime-local" className="tnum" value={values.from} onChange={(event) => put("from", event.target.value)} />}
        </Field>
        <Field label={t.to} error={errors.to}>
          {(control) => <Input {...control} type="datetime-local" className="tnum" value={values.to} onChange={(event) => put("to", event.target.value)} />}
        </Field>
      </div>
      <Field label={t.most} error={errors.max_runs}>
        {(control) => <Input {...control} inputMode="numeric" className="tnum max-w-40" value={values.max_runs} onChange={(event) => put("max_runs", event.target.value)} />}
      </Field>
      <div aria-live="polite">
        {rehearsal ? (
          <Alert tone={rehearsal.planned > 0 ? "info" : "warn"} title={rehearsal.planned > 0 ? t.rehearsed(formatNumber(rehearsal.planned)) : t.nothing}>
            {rehearsal.planned > 1 ? t.between(at(rehearsal.first_at), at(rehearsal.last_at)) : rehearsal.planned === 1 ? t.once(at(rehearsal.first_at)) : t.nothingText}
          </Alert>
        ) : null}
      </div>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{strings.common.cancel}</Button>
        {rehearsal && rehearsal.planned > 0 ? (
          <Button type="submit" variant="primary" busy={busy}>
            {t.start(formatNumber(rehearsal.planned))}
          </Button>
        ) : (
          <Button type="submit" variant={rehearsal ? "secondary" : "primary"} busy={busy} disabled={rehearsal !== null}>
            {t.rehearse}
          </Button>
        )}
      </div>
    </form>
  );
}
