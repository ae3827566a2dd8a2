import { RefreshCw, RotateCcw, Send } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { listDeliveries } from "@/api/webhooks";
import type { Delivery } from "@/api/types";
import { NewPill } from "@/components/NewPill";
import { LoadMore } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeAgo } from "@/components/Time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Table, Td, Th } from "@/components/ui/table";
import { useMediaQuery } from "@/hooks/useMediaQuery";
import { usePages } from "@/hooks/usePages";
import { useSettled } from "@/hooks/useSettled";
import { formatDuration } from "@/lib/format";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";
import { codeTone, DeliveryDialog } from "./DeliveryDialog";
import { ReplayDialog } from "./ReplayDialog";

const t = strings.webhooks;
const idOf = (delivery: Delivery) => delivery.delivery_id;
const FOLLOW_MS = 1500;
const AFTER_EVENT_MS = 600;

/** Deliveries have no events of their own: look again while one is under way, and shortly after anything happened. */
function useDeliveries(webhookId: string, round: number) {
  const load = useCallback((cursor: string | null, signal?: AbortSignal) => listDeliveries(webhookId, cursor, signal), [webhookId]);
  const list = usePages(`webhook/${webhookId}/deliveries`, load, idOf, { live: true });
  const { items, refresh, waiting } = list;
  const open = items?.some((delivery) => delivery.status === "Pending" && delivery.attempts.length < 2) ?? false;
  // While somebody points at the list, rows change in their places and new ones wait.
  const held = useRef(false);
  const look = useCallback(() => refresh(held.current), [refresh]);
  const hold = (on: boolean) => {
    held.current = on;
    if (!on && waiting > 0) refresh();
  };

  useEffect(() => {
    if (round > 0) look();
  }, [round, look]);
  useEffect(() => {
    if (!open) return;
    const timer = window.setInterval(() => document.visibilityState === "visible" && look(), FOLLOW_MS);
    return () => window.clearInterval(timer);
  }, [open, look]);
  useLiveEvents(useSettled(look, AFTER_EVENT_MS));
  return { ...list, hold };
}

export function Deliveries({ webhookId, round }: { webhookId: string; round: number }) {
  const list = useDeliveries(webhookId, round);
  const [params, setParams] = useSearchParams();
  const open = params.get("delivery");
  const [replaying, setReplaying] = useState(false);
  const List = useMediaQuery("(min-width: 640px)") ? DeliveryTable : DeliveryCards;
  const { items, error } = list;
  const show = (id: string | null) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      if (id) next.set("delivery", id);
      else next.delete("delivery");
      return next;
    });
  const shown = items?.find((delivery) => delivery.delivery_id === open);

  return (
    <Card className="overflow-hidden">
      <CardHeader
        title={t.deliveries}
        actions={
          <>
            <Button variant="ghost" size="sm" className="max-sm:-ml-2.5" onClick={() => setReplaying(true)}>
              <RotateCcw aria-hidden />
              {t.range.open}
            </Button>
            <Button variant="ghost" size="sm" onClick={list.reload}>
              <RefreshCw aria-hidden />
              {t.refresh}
            </Button>
          </>
        }
      />
      {error && !items ? (
        <ErrorState problem={error} onRetry={list.reload} />
      ) : !items ? (
        <LoadingRows rows={4} />
      ) : items.length === 0 ? (
        <Message icon={Send} title={t.noDeliveries} className="py-10">
          {t.noDeliveriesText}
        </Message>
      ) : (
        <div onPointerEnter={(event) => list.hold(event.pointerType === "mouse")} onPointerLeave={() => list.hold(false)}>
          {list.waiting > 0 ? <NewPill label={t.showNew(list.waiting)} onClick={() => list.refresh()} /> : null}
          <List items={items} onOpen={show} />
        </div>
      )}
      <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
      {open ? (
        <DeliveryDialog deliveryId={open} version={`${shown?.status ?? ""}${shown?.attempts.length ?? 0}`} onClose={() => show(null)} onReplayed={() => list.refresh()} />
      ) : null}
      <ReplayDialog webhookId={webhookId} open={replaying} onClose={() => setReplaying(false)} onReplayed={() => list.refresh()} />
    </Card>
  );
}

function Answer({ delivery }: { delivery: Delivery }) {
  const last = delivery.attempts.at(-1);
  if (!last) return "–";
  return (
    <span className="inline-flex items-center gap-2">
      <Badge tone={codeTone(last.status_code)}>{last.status_code ?? t.noAnswer}</Badge>
      {last.duration_ms === null ? null : <span className="tnum text-xs text-ink-3">{formatDuration(last.duration_ms)}</span>}
    </span>
  );
}

interface ListProps {
  items: Delivery[];
  onOpen: (id: string) => void;
}

/** The same list for narrow screens. */
function DeliveryCards({ items, onOpen }: ListProps) {
  return (
    <ul aria-label={t.deliveryList}>
      {items.map((delivery) => (
        <li key={delivery.delivery_id} className="relative flex items-center justify-between gap-3 border-t border-line px-4 py-3 text-sm" data-delivery={delivery.delivery_id} data-status={delivery.status}>
          <div className="min-w-0">
            <StatusBadge status={delivery.status} />
            <button type="button" onClick={() => onOpen(delivery.delivery_id)} className="mt-1.5 block truncate rounded-sm font-mono text-xs text-ink after:absolute after:inset-0">
              {delivery.type}
            </button>
          </div>
          <div className="shrink-0 text-right">
            <Answer delivery={delivery} />
            <p className="mt-1.5 text-xs text-ink-3">
              {delivery.attempts.length > 1 ? `${t.tries(delivery.attempts.length)} · ` : null}
              <TimeAgo at={delivery.created_at} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function DeliveryTable({ items, onOpen }: ListProps) {
  return (
    <Table label={t.deliveryList}>
      <thead>
        <tr>
          <Th className="border-t">{t.deliveryColumns.status}</Th>
          <Th className="border-t">{t.deliveryColumns.event}</Th>
          <Th className="border-t">{t.deliveryColumns.answer}</Th>
          <Th className="border-t text-right">{t.deliveryColumns.attempts}</Th>
          <Th className="border-t text-right">{t.deliveryColumns.at}</Th>
        </tr>
      </thead>
      <tbody>
        {items.map((delivery) => (
            <tr key={delivery.delivery_id} className="transition-colors hover:bg-surface-2" data-delivery={delivery.delivery_id} data-status={delivery.status}>
              <Td>
                <StatusBadge status={delivery.status} />
              </Td>
              <Td>
                <button
                  type="button"
                  onClick={() => onOpen(delivery.delivery_id)}
                  className="rounded-sm font-mono text-xs text-ink underline decoration-line-strong underline-offset-4 hover:text-accent-text"
                >
                  {delivery.type}
                </button>
              </Td>
              <Td className="whitespace-nowrap">
                <Answer delivery={delivery} />
              </Td>
              <Td className="tnum text-right">{delivery.attempts.length}</Td>
              <Td className="text-right">
                <TimeAgo at={delivery.created_at} />
              </Td>
            </tr>
        ))}
      </tbody>
    </Table>
  );
}
