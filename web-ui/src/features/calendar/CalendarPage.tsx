import { CalendarDays, CheckCheck } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { toProblem, type Problem } from "@/api/problem";
import { PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { useAuth } from "@/features/auth/AuthProvider";
import { allMatching } from "@/features/jobs/useSelection";
import { useTitle } from "@/hooks/useTitle";
import { serverNow } from "@/lib/clock";
import { formatInstant, formatNumber } from "@/lib/format";
import { forEachParallel } from "@/lib/parallel";
import { strings } from "@/lib/strings";
import { agendaOf, clashesOf, hourOf, type Agenda } from "./agenda";
import { HeatGrid } from "./HeatGrid";

const t = strings.calendar;
const WEEK_MS = 7 * 86_400_000;
const MOST = 100;

/** Every schedule's next seven days, read a few at a time and shown as they come. */
function useAgendas() {
  const [from] = useState(() => hourOf(serverNow()));
  const [state, setState] = useState<{ agendas: Agenda[]; all: number | null; failed: number; problem: Problem | null; cut: boolean }>({ agendas: [], all: null, failed: 0, problem: null, cut: false });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const flight = new AbortController();
    setState({ agendas: [], all: null, failed: 0, problem: null, cut: false });
    allMatching({}, flight.signal)
      .then(async (jobs) => {
        const planned = jobs.filter((job) => job.schedule && !job.paused);
        const shown = planned.slice(0, MOST);
        if (flight.signal.aborted) return;
        setState((known) => ({ ...known, all: shown.length, cut: planned.length > MOST }));
        await forEachParallel(
          shown,
          async (job) => {
            const agenda = await agendaOf(job, from, from + WEEK_MS, flight.signal);
            if (!flight.signal.aborted) setState((known) => ({ ...known, agendas: [...known.agendas, agenda] }));
          },
          { signal: flight.signal, onDone: ({ problem }) => problem && !flight.signal.aborted && setState((known) => ({ ...known, failed: known.failed + 1 })) },
        );
      })
      .catch((error: unknown) => {
        if (!flight.signal.aborted) setState((known) => ({ ...known, problem: toProblem(error) }));
      });
    return () => flight.abort();
  }, [from, round]);
  return { ...state, from, reload: () => setRound((number) => number + 1) };
}

export function Component() {
  useTitle(t.title);
  const { agendas, all, failed, problem, cut, from, reload } = useAgendas();
  const { zone } = useAuth();
  const [params, setParams] = useSearchParams();
  const chosen = Date.parse(params.get("hour") ?? "");
  const clashes = useMemo(() => clashesOf(agendas), [agendas]);
  const read = agendas.length + failed;

  return (
    <PageBody className="flex flex-col gap-4">
      <div className="-mb-4">
        <PageHeader title={t.title} description={t.text} />
      </div>
      {problem ? (
        <Card>
          <ErrorState problem={problem} onRetry={reload} />
        </Card>
      ) : all === null ? (
        <LoadingRows className="panel" />
      ) : all === 0 ? (
        <Card>
          <Message
            icon={CalendarDays}
            title={t.empty}
            actions={
              <Button variant="primary" asChild>
                <Link to="/jobs/new">{strings.jobs.newJob}</Link>
              </Button>
            }
          >
            {t.emptyText}
          </Message>
        </Card>
      ) : (
        <>
          <Card>
            <CardBody className="pt-4 sm:pt-5">
              <HeatGrid agendas={agendas} from={from} chosen={chosen} onChoose={(hour) => setParams({ hour: new Date(hour).toISOString() }, { replace: true, preventScrollReset: true })} />
              <p className="tnum mt-3 text-xs text-ink-3" role="status">
                {read < all ? t.loading(read, all) : failed > 0 ? t.some : cut ? t.most(MOST) : zone.replaceAll("_", " ")}
              </p>
            </CardBody>
          </Card>
          <div className="grid items-start gap-4 md:grid-cols-2">
            <Hour agendas={agendas} hour={chosen} />
            <Card>
              <CardHeader title={t.clashes} description={t.clashesText} />
              {clashes.length === 0 ? (
                <p className="flex items-center gap-2.5 px-4 pb-5 text-sm text-ink-3 sm:px-5">
                  <CheckCheck className="size-4" aria-hidden />
                  {t.noClashes}
                </p>
              ) : (
                <ul>
                  {clashes.map(({ at, jobs }) => (
                    <li key={at} className="flex items-baseline gap-3 border-t border-line px-4 py-2.5 text-sm sm:px-5">
                      <time dateTime={new Date(at).toISOString()} className="tnum w-24 shrink-0 text-ink sm:w-32">
                        {formatInstant(new Date(at).toISOString(), zone, "day")}
                      </time>
                      <span className="min-w-0 flex-1 truncate text-ink-2" title={jobs.map((job) => job.job_name).join(", ")}>
                        {jobs.map((job) => job.job_name).join(", ")}
                      </span>
                      <span className="tnum shrink-0 text-xs text-ink-3">{t.together(jobs.length)}</span>
                    </li>
                  ))}
                </ul>
              )}
            </Card>
          </div>
        </>
      )}
    </PageBody>
  );
}

/** What runs in the chosen hour. */
function Hour({ agendas, hour }: { agendas: Agenda[]; hour: number }) {
  const { zone } = useAuth();
  const valid = Number.isFinite(hour);
  const rows = valid ? agendas.filter(({ hours }) => hours.has(hour)).sort((a, b) => (b.hours.get(hour) ?? 0) - (a.hours.get(hour) ?? 0)) : [];
  const title = valid ? `${formatInstant(new Date(hour).toISOString(), zone, "date")}, ${t.hour(formatInstant(new Date(hour).toISOString(), zone, "hour"), formatInstant(new Date(hour + 3_600_000).toISOString(), zone, "hour"))}` : t.chosen;
  return (
    <Card aria-live="polite">
      <CardHeader title={title} />
      {rows.length === 0 ? (
        <p className="px-4 pb-5 text-sm text-ink-3 sm:px-5">{valid ? t.nothing : t.chooseHint}</p>
      ) : (
        <ul>
          {rows.map(({ job, hours, about }) => (
            <li key={job.job_id} className="flex items-baseline gap-3 border-t border-line px-4 py-2.5 text-sm sm:px-5">
              <Link to={`/jobs/${job.job_id}?tab=schedule`} className="min-w-0 flex-1 truncate rounded-sm font-medium text-ink hover:text-accent-text">
                {job.job_name}
              </Link>
              <span className="tnum shrink-0 text-xs text-ink-2">{t.runs(formatNumber(hours.get(hour) ?? 0), about.has(hour))}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
