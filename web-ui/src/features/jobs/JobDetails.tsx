import type { Job } from "@/api/types";
import { CopyValue } from "@/components/Code";
import { DescriptionList } from "@/components/Page";
import { PriorityMark } from "@/components/StatusBadge";
import { TimeFull } from "@/components/Time";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { useAuth } from "@/features/auth/AuthProvider";
import { scheduleWords } from "@/features/schedules/words";
import { formatDuration, shortId } from "@/lib/format";
import { strings } from "@/lib/strings";
import { Link } from "react-router";

const t = strings.jobs;

function executorText(job: Job): string {
  const words = t.executors[job.executor.type]?.title ?? job.executor.type;
  if (job.executor.type === "http") return `${job.executor.method} ${job.executor.url}`;
  if (job.executor.type === "worker") return `${words}, ${t.worker.queue.toLowerCase()} ${job.executor.queue}`;
  if (job.executor.type !== "simulated") return words;
  const { duration_ms, outcome } = job.executor;
  return `${words}, ${formatDuration(duration_ms)}, ${outcome}`;
}

function ScheduleShort({ job }: { job: Job }) {
  const { zone } = useAuth();
  const { text, code } = scheduleWords(job.schedule, zone);
  return code ? <code className="text-xs">{text}</code> : <>{text}</>;
}

export function JobDetails({ job }: { job: Job }) {
  return (
    <Card>
      <CardHeader title={t.details} />
      <CardBody>
        <DescriptionList
          items={[
            { term: t.priority, value: <PriorityMark priority={job.priority} className="text-ink" /> },
            { term: t.executor, value: executorText(job) },
            ...(job.executor.type === "heartbeat" ? [{ term: t.grace, value: formatDuration(job.executor.grace_seconds * 1000) }] : []),
            { term: t.schedule, value: <ScheduleShort job={job} /> },
            ...(job.executor.type === "heartbeat" ? [] : [{ term: t.retry, value: job.retry.max_attempts }]),
            ...(job.timeout_seconds ? [{ term: t.timeout, value: formatDuration(job.timeout_seconds * 1000) }] : []),
            ...(job.next_run_at && !job.paused ? [{ term: t.nextRun, value: <TimeFull at={job.next_run_at} /> }] : []),
            { term: t.completedAt, value: <TimeFull at={job.completed_at} /> },
            { term: t.createdAt, value: <TimeFull at={job.created_at} /> },
            { term: t.updatedAt, value: <TimeFull at={job.updated_at} /> },
            ...(job.tags.length > 0
              ? [
                  {
                    term: t.tags,
                    value: (
                      <span className="flex flex-wrap gap-1">
                        {job.tags.map((tag) => (
                          <Link
                            key={tag}
                            to={`/jobs?tag=${encodeURIComponent(tag)}`}
                            className="rounded border border-line bg-surface-2 px-1.5 text-xs text-ink-2 hover:border-line-strong hover:text-ink"
                          >
                            {tag}
                          </Link>
                        ))}
                      </span>
                    ),
                  },
                ]
              : []),
            ...(job.external_id ? [{ term: t.externalId, value: <CopyValue text={job.external_id} label={t.externalId} /> }] : []),
            { term: t.id, value: <CopyValue text={job.job_id} shown={shortId(job.job_id)} label={t.id} /> },
            { term: t.version, value: <span className="tnum">{job.version}</span> },
          ]}
        />
      </CardBody>
    </Card>
  );
}
