import { Plus } from "lucide-react";
import { useEffect } from "react";
import { Link, useSearchParams } from "react-router";
import { getDashboard } from "@/api/jobs";
import { listApiKeys } from "@/api/keys";
import { listWebhooks } from "@/api/webhooks";
import { PageBody, PageHeader } from "@/components/Page";
import { ErrorState } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Segmented } from "@/components/ui/segmented";
import { Skeleton } from "@/components/ui/skeleton";
import { useAuth } from "@/features/auth/AuthProvider";
import { useResource } from "@/hooks/useResource";
import { useSettled } from "@/hooks/useSettled";
import { useTitle } from "@/hooks/useTitle";
import { features } from "@/lib/features";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";
import { Attention, GettingStarted, RunningNow, Upcoming } from "./Panels";
import { Legend, ThroughputChart } from "./ThroughputChart";
import { Tiles } from "./Tiles";

const t = strings.overview;
const WINDOWS = ["1h", "24h", "7d"] as const;
type Window = (typeof WINDOWS)[number];
const SETTLE_MS = 700;
const REFRESH_MS = 60_000;

/** The dashboard's numbers; asked again once per burst of events, and once a minute because time passes. */
function useDashboard(window_: Window) {
  const dashboard = useResource(`dashboard/${window_}`, (signal) => getDashboard(window_, signal), { live: true });
  const { reload } = dashboard;
  const askAgain = useSettled(reload, SETTLE_MS);
  useLiveEvents((events) => {
    if (events.some(({ type }) => type !== "run.log" && type !== "run.progress")) askAgain();
  });
  useEffect(() => {
    const every = window.setInterval(() => document.visibilityState === "visible" && reload(), REFRESH_MS);
    return () => window.clearInterval(every);
  }, [reload]);
  return dashboard;
}

export function Component() {
  useTitle(t.title);
  const { user } = useAuth();
  const [params, setParams] = useSearchParams();
  const window_ = WINDOWS.find((name) => name === params.get("window")) ?? "24h";
  const dashboard = useDashboard(window_);
  const { data, error } = dashboard;
  const isNew = data ? data.counts.total < 3 : false;
  const hooks = useResource(isNew ? "webhooks-any" : null, (signal) => listWebhooks(null, signal));
  const keys = useResource(isNew && features.apiKeys ? "api-keys-any" : null, (signal) => listApiKeys(null, signal));

  return (
    <PageBody className="flex flex-col gap-4">
      <div className="-mb-4">
        <PageHeader
          title={t.title}
          description={user ? t.hello(user.full_name.split(" ")[0] ?? user.full_name) : undefined}
          actions={
            <>
              <Segmented
                label={t.window}
                value={window_}
                onChange={(value) => setParams(value === "24h" ? {} : { window: value }, { replace: true })}
                options={WINDOWS.map((value) => ({ value, label: t.windows[value] }))}
              />
              <Button variant="primary" asChild>
                <Link to="/jobs/new">
                  <Plus aria-hidden />
                  {strings.jobs.newJob}
                </Link>
              </Button>
            </>
          }
        />
      </div>
      {error && !data ? (
        <Card>
          <ErrorState problem={error} onRetry={dashboard.reload} />
        </Card>
      ) : !data ? (
        <Loading />
      ) : (
        <>
          {isNew ? (
            <GettingStarted
              done={{ job: data.counts.total > 0, run: data.runs.Completed + data.runs.Failed > 0 || data.running.length > 0, schedule: data.upcoming.length > 0, hook: (hooks.data?.data.length ?? 0) > 0, key: (keys.data?.data.length ?? 0) > 0 }}
            />
          ) : null}
          <Tiles data={data} />
          <Card>
            <CardHeader title={t.throughput} description={t.throughputText(t.inWindow[window_])} actions={<Legend />} />
            <CardBody className="pb-3">
              <ThroughputChart points={data.throughput} caption={t.chart(t.inWindow[window_])} />
            </CardBody>
          </Card>
          <div className="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-3">
            <RunningNow runs={data.running} />
            <Upcoming items={data.upcoming} />
            <Attention items={data.attention} />
          </div>
        </>
      )}
    </PageBody>
  );
}

function Loading() {
  return (
    <div role="status" aria-label={strings.common.loading} className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-5">
        {Array.from({ length: 5 }, (_, index) => (
          <Skeleton key={index} className="h-[104px] rounded-xl" />
        ))}
      </div>
      <Skeleton className="h-72 rounded-xl" />
    </div>
  );
}
