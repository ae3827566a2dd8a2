import { PriorityMark } from "@/components/StatusBadge";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import type { Preview } from "@/api/engine";
import { TimeAgo } from "@/components/Time";
import { formatDuration } from "@/lib/format";
import { strings } from "@/lib/strings";
import type { JobValues } from "./jobValues";

const t = strings.jobs;

/** What the form says, in plain words, while it is filled in. */
export function JobSummary({ values, preview }: { values: JobValues; preview: Preview | null }) {
  const duration = Number(values.duration_seconds) * 1000;
  const attempts = Number(values.max_attempts);
  const timeout = Number(values.timeout_seconds) * 1000;
  const host = /^https?:\/\/([^/\s?#]+)/i.exec(values.http.url.trim())?.[1];
  const next = preview?.data.find(({ note }) => note !== "gap_skipped");
  const lines = [
    values.schedule.kind !== "none" ? (preview?.description ?? null) : null,
    values.executor_type === "http" && host ? t.summaryHttp(values.http.method, host) : null,
    values.executor_type === "worker" && values.queue.trim() ? t.summaryWorker(values.queue.trim()) : null,
    values.executor_type === "simulated" && Number.isFinite(duration) ? t.summarySimulated(formatDuration(duration), values.outcome) : null,
    attempts > 1 ? t.summaryRetry(attempts, formatDuration(Number(values.initial_seconds) * 1000)) : t.summaryNoRetry,
    values.timeout_seconds.trim() && Number.isFinite(timeout) ? t.summaryTimeout(formatDuration(timeout)) : null,
  ].filter((line) => line !== null);
  return (
    <Card>
      <CardHeader title={t.summary} />
      <CardBody className="flex flex-col gap-3">
        <p className="break-words text-base font-medium text-ink">{values.job_name.trim() || <span className="font-normal text-ink-3">{t.namePlaceholder}</span>}</p>
        <div className="flex flex-wrap items-center gap-3">
          <PriorityMark priority={values.priority} />
        </div>
        <ul className="flex flex-col gap-2 border-t border-line pt-3 text-sm text-ink-2">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        {next && values.schedule.kind !== "none" ? (
          <p className="flex items-baseline justify-between gap-3 border-t border-line pt-3 text-sm">
            <span className="text-ink-3">{t.summaryNext}</span>
            <TimeAgo at={next.at} className="font-medium text-ink" />
          </p>
        ) : null}
      </CardBody>
    </Card>
  );
}
