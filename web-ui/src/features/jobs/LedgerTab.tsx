import { BookOpenCheck } from "lucide-react";
import { useCallback } from "react";
import { Link } from "react-router";
import { listOccurrences } from "@/api/jobs";
import type { Occurrence } from "@/api/engine";
import { asSentence } from "@/api/problem";
import { LoadMore } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { Card } from "@/components/ui/card";
import { useAuth } from "@/features/auth/AuthProvider";
import { usePages } from "@/hooks/usePages";
import { useSettled } from "@/hooks/useSettled";
import { formatInstant, formatNumber, formatRelative } from "@/lib/format";
import { strings } from "@/lib/strings";
import { useNow } from "@/hooks/useNow";
import { useLiveEvents } from "@/live/LiveProvider";

const t = strings.jobs.ledger;
const idOf = (one: Occurrence) => one.occurrence_id;

/** What became of every planned instant, newest first: "why did it not run on Tuesday?" */
export function LedgerTab({ jobId }: { jobId: string }) {
  const load = useCallback((cursor: string | null, signal?: AbortSignal) => listOccurrences(jobId, cursor, signal), [jobId]);
  const list = usePages(`job/${jobId}/occurrences`, load, idOf, { live: true });
  const again = useSettled(() => list.refresh(), 800);
  useLiveEvents((events) => {
    if (events.some(({ type, data }) => data.job_id === jobId && (type.startsWith("occurrence.") || type === "run.queued"))) again();
  });
  const { items } = list;
  return (
    <>
      <p className="mb-3 text-sm text-ink-2">{t.text}</p>
      <Card className="overflow-hidden">
        {list.error && !items ? (
          <ErrorState problem={list.error} onRetry={list.reload} />
        ) : !items ? (
          <LoadingRows rows={4} />
        ) : items.length === 0 ? (
          <Message icon={BookOpenCheck} title={t.empty} className="py-10">
            {t.emptyText}
          </Message>
        ) : (
          <ol aria-label={t.list}>
            {items.map((one) => (
              <Row key={one.occurrence_id} one={one} />
            ))}
          </ol>
        )}
        <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
      </Card>
    </>
  );
}

function Row({ one }: { one: Occurrence }) {
  const { zone } = useAuth();
  const now = useNow(30_000);
  const many = (one.count ?? 1) > 1;
  const why = one.reason ? asSentence(one.reason) : t.why[one.outcome];
  return (
    <li className="flex flex-col gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 text-sm last:border-b-0 sm:flex-row sm:items-baseline sm:px-5" data-occurrence={one.outcome}>
      <span className="w-32 shrink-0">
        <StatusBadge status={one.outcome} />
      </span>
      <span className="min-w-0 shrink-0 sm:w-60">
        <time dateTime={one.planned_at} className="tnum block text-ink">
          {formatInstant(one.planned_at, zone, "weekday")}
          {many && one.last_planned_at ? ` – ${formatInstant(one.last_planned_at, zone, "hour")}` : ""}
        </time>
        <span className="block text-xs text-ink-3">
          {formatRelative(one.planned_at, now)}
          {many ? ` · ${t.times(formatNumber(one.count ?? 1))}` : ""}
        </span>
      </span>
      <span className="min-w-0 flex-1 break-words text-ink-2">{why}</span>
      {one.run_id ? (
        <Link to={`/runs/${one.run_id}`} className="shrink-0 rounded-sm text-accent-text underline-offset-4 hover:underline">
          {t.openRun}
        </Link>
      ) : null}
    </li>
  );
}
