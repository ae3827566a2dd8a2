import { CalendarPlus, Gauge } from "lucide-react";
import { Link } from "react-router";
import { previewSchedule } from "@/api/schedules";
import type { Job } from "@/api/types";
import { DescriptionList } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { TimeFull } from "@/components/Time";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { useAuth } from "@/features/auth/AuthProvider";
import { MiniCalendar } from "@/features/schedules/MiniCalendar";
import { InstantList } from "@/features/schedules/NextRuns";
import { everyWords } from "@/features/schedules/words";
import { useResource } from "@/hooks/useResource";
import { formatDuration } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.jobs;
const s = strings.schedules;

export function ScheduleTab({ job }: { job: Job }) {
  const { zone } = useAuth();
  const { schedule } = job;
  const preview = useResource(schedule ? `job/${job.job_id}/next/${job.version}` : null, (signal) => previewSchedule(schedule!, 12, signal));
  if (!schedule) {
    return (
      <Card>
        <Message
          icon={CalendarPlus}
          title={t.noSchedule}
          className="py-10"
          actions={
            <Button asChild>
              <Link to={`/jobs/${job.job_id}/edit`}>{t.addSchedule}</Link>
            </Button>
          }
        >
          {s.noneText}
        </Message>
      </Card>
    );
  }
  const more = [
    ...(schedule.type === "cron"
      ? [
          { term: s.expression, value: <code className="text-xs">{schedule.expression}</code> },
          { term: s.zone, value: schedule.time_zone.replaceAll("_", " ") },
          { term: s.onGap, value: s.onGaps[schedule.on_gap ?? "unix"].title },
          { term: s.onRepeat, value: s.onRepeats[schedule.on_repeat ?? "unix"].title },
        ]
      : schedule.type === "interval"
        ? [{ term: s.kinds.interval, value: s.everyShort(everyWords(schedule.every_seconds)) }]
        : [{ term: s.at, value: <TimeFull at={schedule.at} /> }]),
    ...(schedule.start_at ? [{ term: s.startAt, value: <TimeFull at={schedule.start_at} /> }] : []),
    ...(schedule.end_at ? [{ term: s.endAt, value: <TimeFull at={schedule.end_at} /> }] : []),
    ...(schedule.jitter_seconds ? [{ term: s.jitter, value: formatDuration(schedule.jitter_seconds * 1000) }] : []),
    { term: t.overlapShort, value: t.overlaps[job.overlap]?.title ?? job.overlap },
    { term: t.catchUpShort, value: t.catchUps[job.catch_up.policy]?.title ?? job.catch_up.policy },
  ];
  return (
    <div className="flex flex-col gap-4">
      <Card>
        <CardHeader title={preview.data?.description ?? s.preview} description={job.paused ? t.pausedNext : undefined} />
        <CardBody>
          {preview.error && !preview.data ? (
            <ErrorState problem={preview.error} onRetry={preview.reload} className="py-6" />
          ) : preview.data ? (
            <div className={job.paused ? "opacity-60" : undefined}>
              {schedule.type === "once" ? (
                <InstantList preview={preview.data} kind={schedule.type} columns={false} />
              ) : (
                <div className="grid items-start gap-x-10 gap-y-4 sm:grid-cols-[minmax(0,1fr)_15rem]">
                  <InstantList preview={preview.data} kind={schedule.type} columns={false} />
                  <MiniCalendar schedule={schedule} zone={schedule.type === "cron" ? schedule.time_zone : zone} />
                </div>
              )}
            </div>
          ) : (
            <LoadingRows rows={4} />
          )}
        </CardBody>
      </Card>
      <Card>
        <CardHeader title={t.rulesTitle} actions={<Gauge className="size-4 text-ink-3" aria-hidden />} />
        <CardBody>
          <DescriptionList items={more} />
        </CardBody>
      </Card>
    </div>
  );
}
