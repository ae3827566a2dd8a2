import { Webhook as WebhookIcon } from "lucide-react";
import { Link } from "react-router";
import { listJobEvents } from "@/api/jobs";
import type { Delivery, Webhook } from "@/api/types";
import { listDeliveries, listWebhooks } from "@/api/webhooks";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeAgo } from "@/components/Time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { useResource } from "@/hooks/useResource";
import { useSettled } from "@/hooks/useSettled";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";
import { codeTone } from "./DeliveryDialog";

const t = strings.webhooks.related;
const AFTER_EVENT_MS = 1200;
/** Endpoints looked through, and deliveries of each: the latest ones are what a person asks about. */
const ENDPOINTS = 10;
const DEEP = 100;

interface Found {
  delivery: Delivery;
  webhook: Webhook;
}

/** The latest deliveries whose event is about a job, or about one run of it. */
async function deliveriesAbout(jobId: string, runId: string | null, signal: AbortSignal): Promise<{ endpoints: number; found: Found[] }> {
  const { data: webhooks } = await listWebhooks(null, signal);
  if (webhooks.length === 0) return { endpoints: 0, found: [] };
  const { data: events } = await listJobEvents(jobId, null, signal);
  const about = new Set(events.filter(({ data }) => !runId || data.run?.run_id === runId).map(({ id }) => id));
  const lists = await Promise.all(
    webhooks.slice(0, ENDPOINTS).map(async (webhook) => {
      const { data } = await listDeliveries(webhook.webhook_id, null, signal, DEEP);
      return data.filter(({ event_id }) => about.has(event_id)).map((delivery) => ({ delivery, webhook }));
    }),
  );
  const found = lists.flat().sort((a, b) => b.delivery.created_at.localeCompare(a.delivery.created_at));
  return { endpoints: webhooks.length, found };
}

/** Who was told of a job or of one of its runs, and what they answered. */
export function RelatedDeliveries({ jobId, runId = null }: { jobId: string; runId?: string | null }) {
  const list = useResource(`deliveries-about/${runId ?? jobId}`, (signal) => deliveriesAbout(jobId, runId, signal), { live: true });
  const again = useSettled(list.reload, AFTER_EVENT_MS);
  useLiveEvents((events) => {
    if (events.some(({ data }) => (runId ? data.run?.run_id === runId : data.job_id === jobId))) again();
  });
  const { data, error } = list;
  // A run's page has much to say; without endpoints this is no part of it.
  if (runId && (!data || data.endpoints === 0)) return null;
  return (
    <Card className="overflow-hidden" data-related={data ? "ready" : "loading"}>
      <CardHeader title={t.title} description={runId ? t.textRun : t.textJob} />
      {error && !data ? (
        <ErrorState problem={error} onRetry={list.reload} className="py-8" />
      ) : !data ? (
        <LoadingRows rows={3} />
      ) : data.endpoints === 0 ? (
        <Message
          icon={WebhookIcon}
          title={strings.webhooks.emptyTitle}
          className="py-8"
          actions={
            <Button asChild>
              <Link to="/webhooks">{strings.webhooks.add}</Link>
            </Button>
          }
        >
          {strings.webhooks.emptyText}
        </Message>
      ) : data.found.length === 0 ? (
        <p className="px-4 pb-5 text-sm text-ink-3 sm:px-5">{t.none}</p>
      ) : (
        <ul aria-label={t.title}>
          {data.found.map(({ delivery, webhook }) => (
            <Row key={delivery.delivery_id} delivery={delivery} webhook={webhook} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Row({ delivery, webhook }: Found) {
  const last = delivery.attempts.at(-1);
  return (
    <li className="relative flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2.5 text-sm transition-colors hover:bg-surface-2 sm:px-5" data-delivery={delivery.delivery_id} data-status={delivery.status}>
      <span className="w-24">
        <StatusBadge status={delivery.status} />
      </span>
      <Link to={`/webhooks/${webhook.webhook_id}?delivery=${delivery.delivery_id}`} className="rounded-sm font-mono text-xs font-medium text-ink after:absolute after:inset-0 hover:text-accent-text">
        {delivery.type}
      </Link>
      <span className="min-w-0 flex-1 basis-40 truncate text-xs text-ink-3" title={webhook.url}>
        {webhook.description || webhook.url}
      </span>
      {last ? <Badge tone={codeTone(last.status_code)}>{last.status_code ?? strings.webhooks.noAnswer}</Badge> : null}
      <TimeAgo at={delivery.created_at} className="min-w-20 text-right text-xs text-ink-3" />
    </li>
  );
}
