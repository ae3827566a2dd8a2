import { Activity } from "lucide-react";
import { useCallback } from "react";
import { Link } from "react-router";
import { listJobEvents } from "@/api/jobs";
import type { LiveEvent } from "@/api/types";
import { LoadMore } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusIcon } from "@/components/StatusBadge";
import { TimeFull } from "@/components/Time";
import { Card } from "@/components/ui/card";
import { usePages } from "@/hooks/usePages";
import { features } from "@/lib/features";
import { shortId } from "@/lib/format";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";

const t = strings.jobs;
const idOf = (event: LiveEvent) => event.id;
const isLoud = (event: LiveEvent) => event.type !== "run.progress" && event.type !== "run.log";

/** Everything that happened to a job, newest first; what happens now appears on top. */
export function JobActivity({ jobId }: { jobId: string }) {
  const load = useCallback((cursor: string | null, signal?: AbortSignal) => listJobEvents(jobId, cursor, signal), [jobId]);
  const events = usePages(`job/${jobId}/events`, load, idOf, { live: true });
  useLiveEvents((batch) => {
    const news = batch.filter((event) => event.data.job_id === jobId && isLoud(event));
    if (news.length > 0) events.mutate((known) => [...news.reverse().filter((event) => !known.some((other) => other.id === event.id)), ...known]);
  });
  const { items } = events;
  return (
    <Card className="overflow-hidden">
      {features.auditLog ? (
        <p className="border-b border-line px-4 py-2.5 text-sm text-ink-2 sm:px-5">
          {t.activityText}{" "}
          <Link to={`/account/activity?target_id=${jobId}`} className="rounded-sm font-medium text-accent-text underline-offset-4 hover:underline">
            {t.activityWho}
          </Link>
        </p>
      ) : null}
      {events.error && !items ? (
        <ErrorState problem={events.error} onRetry={events.reload} />
      ) : !items ? (
        <LoadingRows rows={4} />
      ) : items.length === 0 ? (
        <Message icon={Activity} title={t.noEvents} className="py-10" />
      ) : (
        <ol aria-label={t.eventsList} className="px-5 py-2">
          {items.filter(isLoud).map((event) => (
            <li key={event.id} className="flex flex-wrap items-center gap-x-3 gap-y-0.5 border-b border-line py-2.5 text-sm last:border-b-0">
              <StatusIcon status={event.data.run?.status ?? event.data.status ?? "Pending"} />
              <code className="text-xs font-medium text-ink">{event.type}</code>
              {event.data.run ? (
                <Link to={`/runs/${event.data.run.run_id}`} className="rounded-sm font-mono text-xs text-ink-2 underline decoration-line-strong underline-offset-4 hover:text-accent-text">
                  {shortId(event.data.run.run_id)}
                </Link>
              ) : null}
              <span className="ml-auto text-right">
                <TimeFull inline at={event.timestamp} />
              </span>
            </li>
          ))}
        </ol>
      )}
      <LoadMore hasMore={events.hasMore} busy={events.loadingMore} failed={events.moreError !== null} onClick={events.loadMore} />
    </Card>
  );
}
