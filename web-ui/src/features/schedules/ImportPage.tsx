import { FileUp } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { ImportLine } from "@/api/engine";
import { asSentence, fieldErrors, toProblem, type Problem } from "@/api/problem";
import { importCrontab } from "@/api/schedules";
import { useFeedback } from "@/components/Feedback";
import { PageBody, PageHeader } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { StatusBadge } from "@/components/StatusBadge";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { useAuth } from "@/features/auth/AuthProvider";
import { useTitle } from "@/hooks/useTitle";
import { formatInstant, formatNumber } from "@/lib/format";
import { strings } from "@/lib/strings";
import { ZoneField } from "./ZoneField";

const t = strings.schedules.import;
const WORDS: Record<string, string> = { ok: "Ready", ignored: "Ignored", error: "Mistake" };

/** Whether an import before has made a job of the line. */
const isThere = (line: ImportLine) => line.status === "ignored" && Boolean(line.job_id);

/** A whole crontab: looked through first, then made into jobs. */
export function Component() {
  useTitle(t.title);
  const { ownZone: zone } = useAuth();
  const { toast } = useFeedback();
  const [text, setText] = useState("");
  const [inZone, setInZone] = useState(zone);
  const [lines, setLines] = useState<ImportLine[] | null>(null);
  const [done, setDone] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const good = lines?.filter(({ status }) => status === "ok").length ?? 0;
  const touch = () => {
    setLines(null);
    setDone(false);
    setErrors({});
  };

  const send = async (dryRun: boolean) => {
    if (!text.trim()) return setErrors({ crontab: strings.common.required });
    setBusy(true);
    setProblem(null);
    setErrors({});
    try {
      const answer = await importCrontab(text, inZone, dryRun);
      setLines(answer);
      setDone(!dryRun);
      if (!dryRun) toast({ tone: "ok", title: t.made(formatNumber(answer.filter(({ status }) => status === "ok").length)) });
    } catch (error) {
      const failed = toProblem(error);
      const { byField } = fieldErrors(failed, ["crontab", "time_zone"]);
      setErrors(byField);
      if (Object.keys(byField).length === 0) setProblem(failed);
    } finally {
      setBusy(false);
    }
  };

  return (
    <PageBody>
      <PageHeader title={t.title} description={t.text} trail={[{ label: strings.jobs.title, to: "/jobs" }]} />
      <div className="flex flex-col gap-4">
        <ProblemAlert problem={problem} />
        <Card>
          <CardBody className="flex flex-col gap-4 pt-5">
            <Field label={t.crontab} error={errors.crontab}>
              {(control) => (
                <Textarea
                  {...control}
                  rows={9}
                  spellCheck={false}
                  autoCapitalize="none"
                  placeholder={"# m h dom mon dow  command\n30 2 * * *  curl -fsS https://example.com/nightly"}
                  value={text}
                  onChange={(event) => {
                    setText(event.target.value);
                    touch();
                  }}
                  className="whitespace-pre font-mono text-xs sm:text-xs"
                />
              )}
            </Field>
            <div className="grid items-end gap-4 sm:grid-cols-[minmax(0,20rem)_1fr]">
              <ZoneField
                value={inZone}
                error={errors.time_zone}
                onChange={(next) => {
                  setInZone(next);
                  touch();
                }}
              />
              <div className="flex flex-wrap justify-end gap-2">
                {done ? (
                  <Button variant="primary" asChild>
                    <Link to="/jobs">{t.toJobs}</Link>
                  </Button>
                ) : (
                  <>
                    <Button busy={busy} variant={lines ? "secondary" : "primary"} onClick={() => void send(true)}>
                      {t.look}
                    </Button>
                    {lines && good > 0 ? (
                      <Button busy={busy} variant="primary" onClick={() => void send(false)}>
                        <FileUp aria-hidden />
                        {t.make(formatNumber(good))}
                      </Button>
                    ) : null}
                  </>
                )}
              </div>
            </div>
          </CardBody>
        </Card>
        {lines ? (
          <Card className="overflow-hidden" aria-live="polite">
            <CardHeader title={done ? t.result : t.rehearsal} description={t.counts(formatNumber(good), formatNumber(lines.filter(isThere).length), formatNumber(lines.filter(({ status }) => status === "error").length))} />
            <ol>
              {lines.map((line) => (
                <Line key={line.line} line={line} zone={inZone} done={done} />
              ))}
            </ol>
          </Card>
        ) : null}
      </div>
    </PageBody>
  );
}

function Line({ line, zone, done }: { line: ImportLine; zone: string; done: boolean }) {
  const next = line.next?.slice(0, 2).map((one) => formatInstant(typeof one === "string" ? one : one.at, zone, "weekday"));
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-t border-line px-4 py-2 text-sm sm:flex-nowrap sm:px-5" data-line-status={line.status}>
      <span className="tnum w-6 shrink-0 text-right text-xs text-ink-3">{line.line}</span>
      <span className="w-28 shrink-0">
        <StatusBadge status={isThere(line) ? "There" : done && line.status === "ok" ? "Completed" : (WORDS[line.status] ?? line.status)} />
      </span>
      <span className="min-w-0 flex-1">
        <code className="block break-all text-xs text-ink">{line.text || " "}</code>
        {line.message ? <span className="block text-xs text-ink-2">{asSentence(line.message)}</span> : null}
        {line.job_id ? (
          <Link to={`/jobs/${line.job_id}`} className="rounded-sm text-xs text-accent-text underline-offset-4 hover:underline">
            {t.toJob}
          </Link>
        ) : null}
        {next && next.length > 0 ? <span className="tnum block text-xs text-ink-3">{t.next(next.join("; "))}</span> : null}
      </span>
    </li>
  );
}
