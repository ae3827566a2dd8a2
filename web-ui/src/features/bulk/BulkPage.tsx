import { ListChecks } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { abortBulk, bulkIsOver, listBulk, type BulkOperation } from "@/api/bulk";
import { useFeedback } from "@/components/Feedback";
import { LoadMore, PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeFull } from "@/components/Time";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { bulkIcons, type BulkAction } from "@/features/jobs/bulkActions";
import { usePages } from "@/hooks/usePages";
import { useTitle } from "@/hooks/useTitle";
import { formatNumber } from "@/lib/format";
import { strings } from "@/lib/strings";
import { BulkBarOf, BulkErrors } from "./BulkReport";
import { useBulkOperation } from "./useBulkOperation";

const t = strings.bulk;
const idOf = (operation: BulkOperation) => operation.bulk_operation_id ?? operation.created_at;
const FOLLOW_MS = 1000;

const titleOf = ({ action }: BulkOperation): string => strings.jobs.bulk.title[action as BulkAction] ?? action;

/** What was done to many jobs at once, and what is under way. */
export function Component() {
  useTitle(t.title);
  const list = usePages("bulk", listBulk, idOf, { live: true });
  const { failed } = useFeedback();
  const { items, error, reload, refresh, mutate } = list;
  const open = items?.some((operation) => !bulkIsOver(operation)) ?? false;
  useEffect(() => {
    if (!open) return;
    const timer = window.setInterval(() => document.visibilityState === "visible" && refresh(), FOLLOW_MS);
    return () => window.clearInterval(timer);
  }, [open, refresh]);
  const abort = (operation: BulkOperation) =>
    abortBulk(operation.bulk_operation_id ?? "").then(
      (next) => mutate((known) => known.map((other) => (idOf(other) === idOf(next) ? next : other))),
      (problem: unknown) => failed(t.abortFailed, problem),
    );

  return (
    <PageBody>
      <PageHeader title={t.title} description={t.text} trail={[{ label: strings.jobs.title, to: "/jobs" }]} />
      <Card className="overflow-hidden">
        {error && !items ? (
          <ErrorState problem={error} onRetry={reload} />
        ) : !items ? (
          <LoadingRows rows={3} />
        ) : items.length === 0 ? (
          <Message
            icon={ListChecks}
            title={t.empty}
            actions={
              <Button asChild>
                <Link to="/jobs">{t.toJobs}</Link>
              </Button>
            }
          >
            {t.emptyText}
          </Message>
        ) : (
          <ul aria-label={t.list}>
            {items.map((operation) => (
              <Row key={idOf(operation)} operation={operation} onAbort={() => void abort(operation)} />
            ))}
          </ul>
        )}
        <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
      </Card>
    </PageBody>
  );
}

function Row({ operation, onAbort }: { operation: BulkOperation; onAbort: () => void }) {
  const Icon = bulkIcons[operation.action as BulkAction] ?? ListChecks;
  const title = titleOf(operation);
  return (
    <li className="flex flex-col gap-2.5 border-b border-line px-4 py-3.5 text-sm last:border-b-0 sm:px-5" data-bulk-operation={operation.status}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Icon className="size-4 text-ink-3" aria-hidden />
        <span className="font-medium text-ink">{title}</span>
        <StatusBadge status={operation.status} />
        <span className="ml-auto max-sm:ml-0 max-sm:basis-full">
          <TimeFull inline at={operation.created_at} />
        </span>
        {bulkIsOver(operation) ? null : (
          <Button size="sm" aria-label={t.abortOne(title)} onClick={onAbort}>
            {t.abort}
          </Button>
        )}
      </div>
      <BulkBarOf operation={operation} label={title} />
      {operation.failed > 0 ? <Why operation={operation} /> : null}
    </li>
  );
}

/** The reasons come only with the operation itself, and only when somebody asks. */
function Why({ operation }: { operation: BulkOperation }) {
  const [open, setOpen] = useState(false);
  const { data, error } = useBulkOperation(open ? operation.bulk_operation_id : null);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit rounded-sm text-xs font-medium text-ink-2 hover:text-ink">{t.why(formatNumber(operation.failed))}</summary>
      {data ? <BulkErrors errors={data.errors} className="mt-2" /> : error ? <ErrorState problem={error} className="py-4" /> : open ? <LoadingRows rows={1} /> : null}
      {data && operation.failed > data.errors.length ? <p className="mt-1.5 text-xs text-ink-3">{t.firstOnes}</p> : null}
    </details>
  );
}
