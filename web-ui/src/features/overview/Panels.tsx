import { CalendarClock, CheckCheck, CircleCheck, Coffee, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Dashboard, Run } from "@/api/types";
import { StatusIcon } from "@/components/StatusBadge";
import { Countdown, Elapsed } from "@/components/Time";
import { Card, CardHeader } from "@/components/ui/card";
import { useAuth } from "@/features/auth/AuthProvider";
import { useNow } from "@/hooks/useNow";
import { formatInstant } from "@/lib/format";
import { cn } from "@/lib/cn";
import { features } from "@/lib/features";
import { strings } from "@/lib/strings";

const t = strings.overview;

function Quiet({ icon: Icon, children }: { icon: typeof Coffee; children: ReactNode }) {
  return (
    <p className="flex items-center gap-2.5 px-4 pb-5 pt-1 text-sm text-ink-3 sm:px-5">
      <Icon className="size-4" aria-hidden />
      {children}
    </p>
  );
}

const row = "flex items-center gap-3 border-t border-line px-4 py-2.5 text-sm sm:px-5";

/** Elapsed bars: full at the longest that is running, so they compare with each other. */
export function RunningNow({ runs }: { runs: Run[] }) {
  const now = useNow(500, runs.length > 0);
  const elapsed = (run: Run) => Math.max(0, now - Date.parse(run.started_at ?? run.created_at));
  const longest = Math.max(1, ...runs.map(elapsed));
  return (
    <Card>
      <CardHeader title={t.runningNow} />
      {runs.length === 0 ? (
        <Quiet icon={Coffee}>{t.nothingRuns}</Quiet>
      ) : (
        <ul>
          {runs.map((run) => (
            <li key={run.run_id} className={row}>
              <StatusIcon status={run.status} />
              <div className="min-w-0 flex-1">
                <div className="flex items-baseline justify-between gap-3">
                  <Link to={`/runs/${run.run_id}`} className="truncate rounded-sm font-medium text-ink hover:text-accent-text">
                    {run.job_name}
                  </Link>
                  <Elapsed from={run.started_at ?? run.created_at} className="text-xs text-ink-2" />
                </div>
                <div className="mt-1.5 h-1 overflow-hidden rounded-full bg-surface-3" aria-hidden>
                  <div
                    className="h-full rounded-full bg-run-solid transition-[width] duration-500 ease-linear"
                    style={{ width: `${run.progress ?? Math.max(3, (elapsed(run) / longest) * 100)}%` }}
                  />
                </div>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function Upcoming({ items }: { items: Dashboard["upcoming"] }) {
  const { zone } = useAuth();
  return (
    <Card>
      <CardHeader
        title={t.upcoming}
        description={t.upcomingText}
        actions={
          <Link to="/calendar" className="rounded-sm text-sm font-medium text-accent-text underline-offset-4 hover:underline">
            {t.openCalendar}
          </Link>
        }
      />
      {items.length === 0 ? (
        <Quiet icon={CalendarClock}>{t.nothingUpcoming}</Quiet>
      ) : (
        <ul>
          {items.slice(0, 10).map((item) => (
            <li key={`${item.job_id}/${item.next_run_at}`} className={row}>
              <time dateTime={item.next_run_at} className="tnum shrink-0 text-xs text-ink-3">
                {formatInstant(item.next_run_at, zone, "hour")}
              </time>
              <Link to={`/jobs/${item.job_id}`} className="min-w-0 flex-1 truncate rounded-sm font-medium text-ink hover:text-accent-text">
                {item.job_name}
              </Link>
              <Countdown at={item.next_run_at} className="text-xs text-ink-2" />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function Attention({ items }: { items: Dashboard["attention"] }) {
  return (
    <Card>
      <CardHeader title={t.attention} />
      {items.length === 0 ? (
        <Quiet icon={CheckCheck}>{t.nothingAttention}</Quiet>
      ) : (
        <ul>
          {items.map((item, index) => (
            <li key={`${item.job_id}/${index}`} className={row}>
              <TriangleAlert className="size-4 shrink-0 text-wait-text" aria-hidden />
              {item.job_id ? (
                <Link to={`/jobs/${item.job_id}`} className="min-w-0 flex-1 break-words rounded-sm text-ink hover:text-accent-text">
                  {item.message}
                </Link>
              ) : (
                <span className="min-w-0 flex-1 break-words text-ink">{item.message}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** The first steps, ticked off as they happen. */
export function GettingStarted({ done }: { done: { job: boolean; run: boolean; schedule: boolean; hook: boolean; key: boolean } }) {
  const steps = [
    { ...t.steps.job, done: done.job, to: "/jobs/new" },
    { ...t.steps.run, done: done.run, to: "/jobs" },
    { ...t.steps.schedule, done: done.schedule, to: "/jobs/new" },
    { ...t.steps.hook, done: done.hook, to: "/webhooks" },
    ...(features.apiKeys ? [{ ...t.steps.key, done: done.key, to: "/api-keys" }] : []),
  ];
  return (
    <Card>
      <CardHeader title={t.startTitle} description={t.startText(steps.filter((step) => step.done).length, steps.length)} />
      <ol className={cn("grid border-t border-line sm:grid-cols-2 xl:divide-x sm:divide-line", steps.length === 5 ? "xl:grid-cols-5" : "xl:grid-cols-4")}>
        {steps.map((step, index) => (
          <li key={step.title} className="border-b border-line last:border-b-0 xl:border-b-0">
            <Link to={step.to} className="focus-inset flex h-full gap-3 px-5 py-4 transition-colors hover:bg-surface-2">
              {step.done ? (
                <CircleCheck className="size-6 shrink-0 text-ok-text" aria-label={t.completed} />
              ) : (
                <span className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent-text" aria-hidden>
                  {index + 1}
                </span>
              )}
              <span>
                <span className="block text-sm font-medium text-ink">{step.title}</span>
                <span className="mt-0.5 block text-sm text-ink-2">{step.text}</span>
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </Card>
  );
}
