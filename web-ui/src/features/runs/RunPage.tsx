import { lazy, Suspense } from "react";
import { Link, useParams } from "react-router";
import { getJob, getRun } from "@/api/jobs";
import { asSentence } from "@/api/problem";
import type { Run } from "@/api/types";
import { CopyValue, JsonBlock } from "@/components/Code";
import { DescriptionList, PageBody, PageHeader } from "@/components/Page";
import { LoadingRows } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeFull } from "@/components/Time";
import { Alert } from "@/components/ui/alert";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { ProblemPage } from "@/features/errors/pages";
import { useResource } from "@/hooks/useResource";
import { useTitle } from "@/hooks/useTitle";
import { shortId } from "@/lib/format";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";
import { patchRun } from "@/live/patch";
import { Attempts } from "./Attempts";
import { RunActions } from "./RunActions";
import { triggerWord } from "./RunList";
import { RunLog } from "./RunLog";
import { RunResult } from "./RunResult";
import { RunTimeline } from "./RunTimeline";

const RelatedDeliveries = lazy(() => import("@/features/webhooks/RelatedDeliveries").then((part) => ({ default: part.RelatedDeliveries })));

const t = strings.runs;

export function Component() {
  const { runId = "" } = useParams();
  const run = useResource(`run/${runId}`, (signal) => getRun(runId, signal), { live: true });
  const jobId = run.data?.job_id ?? null;
  const job = useResource(jobId ? `job/${jobId}` : null, (signal) => getJob(jobId ?? "", signal));
  useTitle(run.data ? `${t.title} · ${run.data.job_name}` : t.title);

  useLiveEvents((events) => {
    const about = events.filter(({ data }) => data.run?.run_id === runId);
    if (about.length === 0) return;
    run.mutate((known) => about.reduce(patchRun, known));
    // Attempts and result come only with the run itself.
    if (about.some(({ type }) => /completed|failed|cancelled|retrying|started|queued/.test(type))) run.reload();
  });

  if (run.error && !run.data) return <ProblemPage problem={run.error} onRetry={run.reload} />;
  if (!run.data) {
    return (
      <PageBody>
        <PageHeader title={t.title} trail={[{ label: strings.jobs.title, to: "/jobs" }]} />
        <LoadingRows className="panel" />
      </PageBody>
    );
  }
  const shown = run.data;
  return (
    <PageBody>
      <PageHeader
        title={
          <>
            {t.title} <span className="font-mono text-xl font-medium text-ink-2">{shortId(shown.run_id)}</span>
          </>
        }
        badge={<StatusBadge status={shown.status} />}
        trail={[
          { label: strings.jobs.title, to: "/jobs" },
          { label: shown.job_name, to: `/jobs/${shown.job_id}` },
        ]}
        actions={<RunActions run={shown} onRun={(next) => run.mutate((known) => ({ ...known, ...next }))} />}
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Card>
            <CardBody className="pt-5">
              <RunTimeline run={shown} executor={job.data?.executor} />
              {shown.error ? (
                <Alert tone="error" title={t.error} className="mt-5">
                  {asSentence(shown.error.message)}
                  {shown.error.code ? <code className="ml-2 text-xs opacity-80">{shown.error.code}</code> : null}
                </Alert>
              ) : null}
            </CardBody>
          </Card>
          <Attempts run={shown} />
          <RunLog key={shown.run_id} run={shown} />
          <RunResult result={shown.result} />
          <Suspense fallback={null}>
            <RelatedDeliveries jobId={shown.job_id} runId={shown.run_id} />
          </Suspense>
          <Card>
            <CardHeader title={t.payload} />
            <CardBody>
              <JsonBlock value={shown.payload} label={t.payload} empty={t.noPayload} />
            </CardBody>
          </Card>
        </div>
        <RunDetails run={shown} />
      </div>
    </PageBody>
  );
}

/** Who or what asked for it: a planned time, the run before it. */
function Trigger({ run }: { run: Run }) {
  const { type, planned_at, run_id } = run.trigger;
  return (
    <>
      {triggerWord(type)}
      {run_id ? (
        <>
          {" "}
          <Link to={`/runs/${run_id}`} className="font-mono text-xs text-accent-text underline-offset-4 hover:underline">
            {shortId(run_id)}
          </Link>
        </>
      ) : null}
      {planned_at ? (
        <span className="block text-xs text-ink-3">
          {t.plannedFor} <TimeFull at={planned_at} inline />
        </span>
      ) : null}
    </>
  );
}

function RunDetails({ run }: { run: Run }) {
  return (
    <Card>
      <CardHeader title={t.details} />
      <CardBody>
        <DescriptionList
          items={[
            {
              term: t.job,
              value: (
                <Link to={`/jobs/${run.job_id}`} className="text-accent-text underline-offset-4 hover:underline">
                  {run.job_name}
                </Link>
              ),
            },
            { term: t.trigger, value: <Trigger run={run} /> },
            ...(run.worker_name ? [{ term: t.worker, value: run.worker_name }] : []),
            ...(run.queue ? [{ term: strings.jobs.worker.queue, value: <code className="text-xs">{run.queue}</code> }] : []),
            { term: t.created, value: <TimeFull at={run.created_at} /> },
            { term: t.started, value: <TimeFull at={run.started_at} /> },
            { term: t.finished, value: <TimeFull at={run.finished_at} /> },
            { term: t.columns.attempt, value: t.attempt(Math.max(1, run.attempt), run.max_attempts) },
            ...(run.retry_at && run.status === "Retrying" ? [{ term: t.retryAt, value: <TimeFull at={run.retry_at} /> }] : []),
            ...(run.reason ? [{ term: t.reason, value: t.reasons[run.reason] ?? asSentence(run.reason.replaceAll("_", " ")) }] : []),
            { term: t.id, value: <CopyValue text={run.run_id} shown={shortId(run.run_id)} label={t.id} /> },
          ]}
        />
      </CardBody>
    </Card>
  );
}
