import { Play } from "lucide-react";
import { lazy, Suspense, useCallback } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { asSentence } from "@/api/problem";
import type { Job } from "@/api/types";
import { JsonBlock } from "@/components/Code";
import { NewPill } from "@/components/NewPill";
import { LoadMore, PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { ProblemPage } from "@/features/errors/pages";
import { IncidentNote, NoticesCard, useJobNotices } from "@/features/notices/IncidentNote";
import { RunList } from "@/features/runs/RunList";
import { RunTimeline } from "@/features/runs/RunTimeline";
import { useHotkey } from "@/hooks/useHotkey";
import { useTitle } from "@/hooks/useTitle";
import { features } from "@/lib/features";
import { answeredJob, answeredRun } from "@/live/patch";
import { strings } from "@/lib/strings";
import { CadenceLine } from "./CadenceLine";
import { JobDetails } from "./JobDetails";
import { HeaderActions, PausedNote } from "./JobHeader";
import { isUnderWay, useJobActions } from "./useJobActions";
import { useLiveJob } from "./useLiveJob";

// What stands behind the other tabs comes when one of them is opened.
const ScheduleTab = lazy(() => import("./ScheduleTab").then((part) => ({ default: part.ScheduleTab })));
const LedgerTab = lazy(() => import("./LedgerTab").then((part) => ({ default: part.LedgerTab })));
const StatisticsTab = lazy(() => import("./StatisticsTab").then((part) => ({ default: part.StatisticsTab })));
const RelatedDeliveries = lazy(() => import("@/features/webhooks/RelatedDeliveries").then((part) => ({ default: part.RelatedDeliveries })));
const JobActivity = lazy(() => import("./JobActivity").then((part) => ({ default: part.JobActivity })));
const LinksTab = lazy(() => import("./LinksTab").then((part) => ({ default: part.LinksTab })));
const ApiTab = lazy(() => import("./ApiTab").then((part) => ({ default: part.ApiTab })));

const t = strings.jobs;
const TABS = ["runs", "schedule", "ledger", "stats", "payload", "webhooks", ...(features.links ? (["links"] as const) : []), "activity", "api"] as const;
export function Component() {
  const { jobId = "" } = useParams();
  const { job, runs, fresh, hold, show } = useLiveJob(jobId);
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const tab = TABS.find((name) => name === params.get("tab")) ?? "runs";
  const { mutate } = job;
  const { mutate: mutateRuns } = runs;
  const onJob = useCallback(
    (next: Job) => {
      mutate((known) => answeredJob(known, next));
      const run = next.last_run;
      if (!run) return;
      mutateRuns((known) => {
        const told = known.find(({ run_id }) => run_id === run.run_id);
        const others = known.filter((other) => other !== told);
        return [told ? answeredRun(told, run) : run, ...others].sort((a, b) => b.created_at.localeCompare(a.created_at));
      });
    },
    [mutate, mutateRuns],
  );
  const onDeleted = useCallback(() => void navigate("/jobs", { replace: true }), [navigate]);
  const actions = useJobActions({ onJob, onDeleted });
  useHotkey("e", () => void navigate(`/jobs/${jobId}/edit`));
  useHotkey("r", () => job.data && !isUnderWay(job.data) && void actions.askRun(job.data));
  useTitle(job.data?.job_name ?? t.title);
  const notices = useJobNotices(job.data);

  if (job.error && (!job.data || job.error.status === 404)) return <ProblemPage problem={job.error} onRetry={job.reload} />;
  if (!job.data) {
    return (
      <PageBody>
        <PageHeader title="…" trail={[{ label: t.title, to: "/jobs" }]} />
        <LoadingRows className="panel" />
      </PageBody>
    );
  }
  const shown = job.data;
  return (
    <PageBody>
      <PageHeader
        title={shown.job_name}
        badge={<StatusBadge status={shown.status} />}
        trail={[{ label: t.title, to: "/jobs" }]}
        description={shown.description ? <p className="max-w-3xl whitespace-pre-line break-words">{shown.description}</p> : undefined}
        actions={<HeaderActions job={shown} actions={actions} onChanged={job.reload} />}
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <div className="-mb-4 empty:hidden">
            <IncidentNote job={shown} notices={notices} />
          </div>
          {shown.paused || shown.schedule ? (
            <div className="-mb-4 empty:hidden">
              <PausedNote job={shown} actions={actions} />
              <CadenceLine job={shown} />
            </div>
          ) : null}
          <LatestRun job={shown} />
          <Tabs value={tab} onValueChange={(value) => setParams(value === "runs" ? {} : { tab: value }, { replace: true })}>
            <TabsList aria-label={t.details}>
              {TABS.map((name) => (
                <TabsTrigger key={name} value={name}>
                  {t.tabs[name]}
                </TabsTrigger>
              ))}
            </TabsList>
            <TabsContent value="runs">
              {fresh > 0 ? <NewPill label={strings.runs.showNew(fresh)} onClick={show} /> : null}
              <Card className="overflow-hidden" onPointerEnter={(event) => hold(event.pointerType === "mouse")} onPointerLeave={() => hold(false)}>
                {runs.error && !runs.items ? <ErrorState problem={runs.error} onRetry={runs.reload} /> : <RunList runs={runs.items} />}
                <LoadMore hasMore={runs.hasMore} busy={runs.loadingMore} failed={runs.moreError !== null} onClick={runs.loadMore} />
              </Card>
            </TabsContent>
            <Suspense fallback={<LoadingRows className="panel" rows={3} />}>
              <TabsContent value="schedule">
                <ScheduleTab job={shown} />
              </TabsContent>
              <TabsContent value="ledger">
                <LedgerTab jobId={shown.job_id} />
              </TabsContent>
              <TabsContent value="stats">
                <StatisticsTab runs={runs.items} />
              </TabsContent>
              <TabsContent value="payload">
                <JsonBlock value={shown.payload} label={t.payload} empty={t.noPayload} />
              </TabsContent>
              <TabsContent value="webhooks">
                <RelatedDeliveries jobId={shown.job_id} />
              </TabsContent>
              {features.links ? (
                <TabsContent value="links">
                  <LinksTab job={shown} />
                </TabsContent>
              ) : null}
              <TabsContent value="activity">
                <JobActivity jobId={shown.job_id} />
              </TabsContent>
              <TabsContent value="api">
                <ApiTab job={shown} />
              </TabsContent>
            </Suspense>
          </Tabs>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <JobDetails job={shown} />
          <NoticesCard job={shown} notices={notices} />
        </div>
      </div>
    </PageBody>
  );
}

function LatestRun({ job }: { job: Job }) {
  const run = job.last_run;
  return (
    <Card aria-labelledby="latest-run">
      <CardHeader
        id="latest-run"
        title={t.latestRun}
        actions={
          run ? (
            <Link to={`/runs/${run.run_id}`} className="rounded-sm text-sm font-medium text-accent-text underline-offset-4 hover:underline">
              {strings.runs.details}
            </Link>
          ) : null
        }
      />
      <CardBody>
        {run ? (
          <>
            <RunTimeline run={run} executor={job.executor} />
            {run.error ? <p className="mt-4 break-words text-sm text-danger-text">{asSentence(run.error.message)}</p> : null}
          </>
        ) : (
          <Message icon={Play} title={t.noRun} className="py-6">
            {job.executor.type === "heartbeat" ? t.noPingText : t.noRunText}
          </Message>
        )}
      </CardBody>
    </Card>
  );
}
