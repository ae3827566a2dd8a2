import { RotateCw } from "lucide-react";
import { useState } from "react";
import { getDelivery, replayDelivery } from "@/api/webhooks";
import type { DeliveryAttempt, DeliveryDetail } from "@/api/types";
import { CodeBlock, CopyValue } from "@/components/Code";
import { useFeedback } from "@/components/Feedback";
import { DescriptionList } from "@/components/Page";
import { ErrorState, LoadingRows } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeFull } from "@/components/Time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useResource } from "@/hooks/useResource";
import { formatDuration, shortId } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.webhooks;

export const codeTone = (code: number | null): "ok" | "fail" | "off" => (code === null ? "off" : code >= 200 && code < 300 ? "ok" : "fail");

/** JSON for eyes. A signature is made over the text as it was sent, and that is what is copied. */
const indented = (json: string): string => {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
};

function Attempt({ attempt }: { attempt: DeliveryAttempt }) {
  const headers = Object.entries(attempt.request_headers ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
  return (
    <li className="rounded-xl border border-line p-4">
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <h3 className="font-medium text-ink">{t.attempt(attempt.attempt)}</h3>
        <Badge tone={codeTone(attempt.status_code)}>{attempt.status_code ?? t.noAnswer}</Badge>
        {attempt.duration_ms === null ? null : <span className="tnum text-xs text-ink-3">{t.inMs(formatDuration(attempt.duration_ms))}</span>}
        <span className="ml-auto text-right">
          <TimeFull inline at={attempt.at} />
        </span>
      </div>
      {attempt.error ? <p className="mt-2 break-words text-sm text-danger-text">{attempt.error}</p> : null}
      <div className="mt-3 flex flex-col gap-3">
        {headers ? (
          <div>
            <p className="mb-1 text-xs font-medium text-ink-3">{t.requestHeaders}</p>
            <CodeBlock text={headers} label={t.ofAttempt(t.requestHeaders, attempt.attempt)} />
          </div>
        ) : null}
        {attempt.status_code === null ? null : (
          <div>
            <p className="mb-1 text-xs font-medium text-ink-3">{t.response}</p>
            <CodeBlock text={attempt.response_body || t.emptyBody} label={t.ofAttempt(t.response, attempt.attempt)} />
          </div>
        )}
      </div>
    </li>
  );
}

export function DeliveryDialog({ deliveryId, version, onClose, onReplayed }: { deliveryId: string; version: string; onClose: () => void; onReplayed: () => void }) {
  const delivery = useResource(`delivery/${deliveryId}/${version}`, (signal) => getDelivery(deliveryId, signal));
  const { toast, failed } = useFeedback();
  const [busy, setBusy] = useState(false);
  const replay = async () => {
    setBusy(true);
    try {
      await replayDelivery(deliveryId);
      toast({ tone: "ok", title: t.replayed });
      onReplayed();
      onClose();
    } catch (error) {
      failed(t.replayFailed, error);
    } finally {
      setBusy(false);
    }
  };
  const { data, error } = delivery;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={t.delivery}
        className="sm:max-w-2xl"
        footer={
          <Button busy={busy} onClick={() => void replay()}>
            <RotateCw aria-hidden />
            {t.replay}
          </Button>
        }
      >
        {error && !data ? <ErrorState problem={error} onRetry={delivery.reload} /> : !data ? <LoadingRows rows={3} /> : <DeliveryBody delivery={data} />}
      </DialogContent>
    </Dialog>
  );
}

/** The newest on top. */
export function Attempts({ attempts }: { attempts: readonly DeliveryAttempt[] }) {
  return (
    <ol className="flex flex-col gap-3">
      {[...attempts].reverse().map((attempt) => (
        <Attempt key={attempt.attempt} attempt={attempt} />
      ))}
    </ol>
  );
}

function DeliveryBody({ delivery }: { delivery: DeliveryDetail }) {
  return (
    <div className="flex flex-col gap-4">
      <DescriptionList
        items={[
          { term: t.deliveryColumns.status, value: <StatusBadge status={delivery.status} /> },
          { term: t.deliveryColumns.event, value: <code className="text-xs">{delivery.type}</code> },
          { term: t.made, value: <TimeFull at={delivery.created_at} /> },
          ...(delivery.next_attempt_at ? [{ term: t.nextAttempt, value: <TimeFull at={delivery.next_attempt_at} /> }] : []),
          { term: t.eventId, value: <CopyValue text={delivery.event_id} shown={shortId(delivery.event_id)} label={t.eventId} /> },
          { term: t.deliveryId, value: <CopyValue text={delivery.delivery_id} shown={shortId(delivery.delivery_id)} label={t.deliveryId} /> },
        ]}
      />
      {delivery.attempts.length === 0 ? (
        <p className="text-sm text-ink-3">{t.noAttempts}</p>
      ) : (
        <Attempts attempts={delivery.attempts} />
      )}
      <div>
        <p className="mb-1 text-xs font-medium text-ink-3">{t.requestBody}</p>
        {delivery.request_body === null ? <p className="text-sm text-ink-3">{t.requestBodyGone}</p> : <CodeBlock json text={indented(delivery.request_body)} copied={delivery.request_body} label={t.requestBody} />}
      </div>
    </div>
  );
}
