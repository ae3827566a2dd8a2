import { ChartGantt, Search } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { Link, useSearchParams } from "react-router";
import { listRuns } from "@/api/jobs";
import type { Run } from "@/api/types";
import { PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { Card } from "@/components/ui/card";
import { Input } from "@/components/ui/input";
import { Segmented } from "@/components/ui/segmented";
import { useAuth } from "@/features/auth/AuthProvider";
import { patchKnownRuns } from "@/features/runs/useLiveRuns";
import { useNow } from "@/hooks/useNow";
import { useResource } from "@/hooks/useResource";
import { useSettled } from "@/hooks/useSettled";
import { useTitle } from "@/hooks/useTitle";
import { cn } from "@/lib/cn";
import { serverNow } from "@/lib/clock";
import { formatDuration, formatInstant, formatNumber, formatStamp } from "@/lib/format";
import { statusLook, toneClasses } from "@/lib/status";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";
import { endOf, lanesOf, type Lane } from "./layout";

const t = strings.calendar;
const HOUR = 3_600_000;
const WINDOWS = { "15m": HOUR / 4, "1h": HOUR, "6h": 6 * HOUR, "24h": 24 * HOUR } as const;
type Window = keyof typeof WINDOWS;
const MOST = 1000;
const SETTLE_MS = 1500;

/** Runs that were under way in the window, newest first. */
async function runsSince(since: number, signal: AbortSignal): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor: string | undefined;
  do {
    const page = await listRuns({ limit: 200, cursor }, signal);
    runs.push(...page.data);
    cursor = page.has_more ? (page.next_cursor ?? undefined) : undefined;
    if (page.data.length > 0 && Date.parse(page.data.at(-1)!.created_at) < since) break;
  } while (cursor && runs.length < MOST);
  return runs.filter((run) => !run.finished_at || Date.parse(run.finished_at) >= since);
}

export function Component() {
  useTitle(t.timeline);
  const [params, setParams] = useSearchParams();
  const name = (Object.keys(WINDOWS) as Window[]).find((key) => key === params.get("window")) ?? "1h";
  const span = WINDOWS[name];
  const runs = useResource(`timeline/${name}`, (signal) => runsSince(serverNow() - span, signal), { live: true });
  const again = useSettled(runs.reload, SETTLE_MS);
  useLiveEvents((events) => {
    runs.mutate((known) => patchKnownRuns(known, events));
    if (events.some(({ type }) => type === "run.queued")) again();
  });
  const now = useNow(span > HOUR ? 5000 : 1000);
  const all = useMemo(() => lanesOf(runs.data ?? [], now, span / 400), [runs.data, now, span]);
  const search = params.get("q") ?? "";
  const lanes = useMemo(() => all.filter(({ jobName }) => jobName.toLowerCase().includes(search.trim().toLowerCase())), [all, search]);
  const put = (changes: Record<string, string | null>) =>
    setParams(
      (known) => {
        const next = new URLSearchParams(known);
        for (const [key, value] of Object.entries(changes)) {
          if (value) next.set(key, value);
          else next.delete(key);
        }
        return next;
      },
      { replace: true },
    );

  return (
    <PageBody wide>
      <PageHeader
        title={t.timeline}
        description={t.timelineText}
        actions={
          <>
            <div className="relative">
              <Search className="pointer-events-none absolute left-2.5 top-1/2 size-4 -translate-y-1/2 text-ink-3" aria-hidden />
              <Input type="search" aria-label={t.find} placeholder={t.find} value={search} onChange={(event) => put({ q: event.target.value || null })} className="h-8 w-44 pl-8" />
            </div>
            <Segmented<Window>
              label={t.window}
              value={name}
              onChange={(value) => put({ window: value === "1h" ? null : value })}
              options={(Object.keys(WINDOWS) as Window[]).map((value) => ({ value, label: t.windows[value] }))}
            />
          </>
        }
      />
      <Card className="overflow-hidden">
        {runs.error && !runs.data ? (
          <ErrorState problem={runs.error} onRetry={runs.reload} />
        ) : !runs.data ? (
          <LoadingRows />
        ) : lanes.length === 0 ? (
          <Message icon={ChartGantt} title={all.length > 0 ? t.noJob : t.noRuns} />
        ) : (
          <Gantt lanes={lanes} now={now} span={span} />
        )}
        {(runs.data?.length ?? 0) >= MOST ? <p className="border-t border-line px-5 py-2 text-xs text-ink-3">{t.tooMany(formatNumber(MOST))}</p> : null}
      </Card>
    </PageBody>
  );
}

function Gantt({ lanes, now, span }: { lanes: Lane[]; now: number; span: number }) {
  const { zone } = useAuth();
  const begin = now - span;
  const step = span / 6;
  const ticks = Array.from({ length: 7 }, (_, index) => Math.ceil(begin / step) * step + index * step).filter((at) => at <= now);
  const box = useRef<HTMLDivElement>(null);
  // The present is at the right, and what a person came for.
  useEffect(() => {
    if (box.current) box.current.scrollLeft = box.current.scrollWidth;
  }, []);
  const share = (ms: number) => `${(Math.min(1, Math.max(0, (ms - begin) / span)) * 100).toFixed(3)}%`;
  return (
    <div ref={box} className="focus-inset max-h-[calc(100dvh-11rem)] overflow-auto" role="region" aria-label={t.timeline} tabIndex={0}>
      <div className="min-w-[40rem]">
        <div className="sticky top-0 z-20 grid grid-cols-[8rem_minmax(0,1fr)] border-b border-line bg-surface-2 sm:grid-cols-[14rem_minmax(0,1fr)]">
          <span className="sticky left-0 z-10 bg-surface-2 px-4 py-2 text-xs font-medium text-ink-3 sm:px-5">{t.jobs}</span>
          <span className="relative mr-4 block h-9" aria-hidden>
            {ticks.map((at) => (
              <span key={at} className="tnum absolute top-2 -translate-x-1/2 text-xs text-ink-3" style={{ left: share(at) }}>
                {formatInstant(new Date(at).toISOString(), zone, "hour")}
              </span>
            ))}
          </span>
        </div>
        <ul>
          {lanes.map((lane) => (
            <li key={lane.jobId} className="grid grid-cols-[8rem_minmax(0,1fr)] border-b border-line last:border-b-0 sm:grid-cols-[14rem_minmax(0,1fr)]" data-lane={lane.jobName}>
              <Link to={`/jobs/${lane.jobId}`} title={lane.jobName} className="focus-inset sticky left-0 z-10 flex min-w-0 items-center bg-surface px-4 py-1.5 text-sm font-medium text-ink hover:text-accent-text sm:px-5">
                <span className="truncate">{lane.jobName}</span>
              </Link>
              <div className="relative mr-4 py-1.5">
                {ticks.map((at) => (
                  <span key={at} className="absolute inset-y-0 w-px bg-line" style={{ left: share(at) }} aria-hidden />
                ))}
                {lane.rows.map((row, index) => (
                  <div key={index} className="relative h-4">
                    {row.map((run) => (
                      <Bar key={run.run_id} run={run} now={now} share={share} zone={zone} />
                    ))}
                  </div>
                ))}
              </div>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function Bar({ run, now, share, zone }: { run: Run; now: number; share: (ms: number) => string; zone: string }) {
  const { word, tone } = statusLook(run.status);
  const begin = Date.parse(run.created_at);
  const end = endOf(run, now);
  const started = run.started_at ? Date.parse(run.started_at) : end;
  const length = Math.max(1, end - begin);
  const label = t.bar(run.job_name, word, formatDuration(end - begin), formatStamp(run.created_at, zone));
  return (
    <Link
      to={`/runs/${run.run_id}`}
      aria-label={label}
      title={label}
      className="absolute top-0.5 flex h-3 min-w-[5px] overflow-hidden rounded-[3px] hover:brightness-110"
      style={{ left: share(begin), width: `calc(${share(end)} - ${share(begin)})` }}
    >
      <span className={cn("h-full opacity-35", toneClasses[tone].solid)} style={{ width: `${((started - begin) / length) * 100}%` }} />
      <span className={cn("h-full flex-1", toneClasses[tone].solid)} />
    </Link>
  );
}
