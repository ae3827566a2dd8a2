import { ListTree, Pause, Play } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { limitQueue, listQueues, type Queue } from "@/api/queues";
import { useFeedback } from "@/components/Feedback";
import { PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { useResource } from "@/hooks/useResource";
import { useSettled } from "@/hooks/useSettled";
import { useTitle } from "@/hooks/useTitle";
import { cn } from "@/lib/cn";
import { formatNumber } from "@/lib/format";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";
import { LimitDialog } from "./LimitDialog";

const t = strings.queues;
const SETTLE_MS = 500;
const REFRESH_MS = 15_000;

/** What waits for workers, and how many may work at once. */
export function Component() {
  useTitle(t.title);
  const list = useResource("queues", listQueues, { live: true });
  const { reload, mutate } = list;
  const { toast, failed } = useFeedback();
  const [editing, setEditing] = useState<Queue | null>(null);
  const again = useSettled(reload, SETTLE_MS);
  useLiveEvents((events) => {
    if (events.some(({ type }) => type.startsWith("run.") && type !== "run.log" && type !== "run.progress")) again();
  });
  useEffect(() => {
    const every = window.setInterval(() => document.visibilityState === "visible" && reload(), REFRESH_MS);
    return () => window.clearInterval(every);
  }, [reload]);

  const put = (queue: Queue) => {
    mutate((known) => known.map((other) => (other.name === queue.name ? queue : other)));
    toast({ tone: "ok", title: t.changed(queue.name) });
  };
  const limit = (queue: Queue, most: number | null) => limitQueue(queue.name, most).then(put, (error: unknown) => failed(t.failed, error));
  const { data, error } = list;

  return (
    <PageBody>
      <PageHeader title={t.title} description={t.text} />
      <Card className="overflow-hidden">
        {error && !data ? (
          <ErrorState problem={error} onRetry={reload} />
        ) : !data ? (
          <LoadingRows rows={3} />
        ) : data.length === 0 ? (
          <Message
            icon={ListTree}
            title={t.empty}
            actions={
              <Button variant="primary" asChild>
                <Link to="/jobs/new">{t.newJob}</Link>
              </Button>
            }
          >
            {t.emptyText}
          </Message>
        ) : (
          <ul aria-label={t.list}>
            {data.map((queue) => (
              <Row key={queue.name} queue={queue} onEdit={() => setEditing(queue)} onLimit={(most) => void limit(queue, most)} />
            ))}
          </ul>
        )}
      </Card>
      <LimitDialog queue={editing} onClose={() => setEditing(null)} onChanged={put} />
    </PageBody>
  );
}

function Row({ queue, onEdit, onLimit }: { queue: Queue; onEdit: () => void; onLimit: (most: number | null) => void }) {
  const most = queue.max_running ?? null;
  const stopped = most === 0;
  const share = most === null || most === 0 ? 0 : Math.min(1, queue.running / most);
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-3 border-b border-line px-4 py-3.5 text-sm last:border-b-0 sm:px-5" data-queue={queue.name}>
      <div className="min-w-0 flex-1 basis-40">
        <p className="flex items-center gap-2">
          <code className="truncate text-base font-medium text-ink">{queue.name}</code>
          {stopped ? <StatusBadge status="Stopped" /> : null}
        </p>
        <p className="tnum mt-0.5 text-xs text-ink-3">
          {formatNumber(queue.waiting)} {t.waiting}
        </p>
      </div>
      <div className="w-full sm:w-52">
        <p className="tnum text-xs text-ink-2">{most === null ? `${formatNumber(queue.running)} ${t.running}, ${t.noLimit}` : t.of(formatNumber(queue.running), formatNumber(most))}</p>
        {most === null ? null : (
          <div className="mt-1 h-1.5 overflow-hidden rounded-full bg-surface-3" aria-hidden>
            <div className={cn("h-full rounded-full", share >= 1 ? "bg-wait-solid" : "bg-run-solid")} style={{ width: `${share * 100}%` }} />
          </div>
        )}
      </div>
      <div className="flex gap-2">
        <Button size="sm" aria-label={t.changeOf(queue.name)} onClick={onEdit}>
          {t.change}
        </Button>
        <Button size="sm" aria-label={stopped ? t.startOf(queue.name) : t.stopOf(queue.name)} onClick={() => onLimit(stopped ? null : 0)}>
          {stopped ? <Play aria-hidden /> : <Pause aria-hidden />}
          {stopped ? t.start : t.stop}
        </Button>
      </div>
    </li>
  );
}
