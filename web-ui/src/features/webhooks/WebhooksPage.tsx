import { Plus, Webhook as WebhookIcon } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { createWebhook, listWebhooks, updateWebhook } from "@/api/webhooks";
import type { Webhook } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { LoadMore, PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { TimeAgo } from "@/components/Time";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/toggle";
import { usePages } from "@/hooks/usePages";
import { useTitle } from "@/hooks/useTitle";
import { focusFirstField } from "@/lib/focus";
import { strings } from "@/lib/strings";
import { isEverything } from "./events";
import { WebhookSecretDialog } from "./WebhookSecretDialog";
import { WebhookForm } from "./WebhookForm";

const t = strings.webhooks;
const idOf = (webhook: Webhook) => webhook.webhook_id;

export const eventsText = (types: string[]): string => (isEverything(types) ? t.allEvents : types.length <= 2 ? types.join(", ") : t.eventCount(types.length));

export function Component() {
  useTitle(t.title);
  const navigate = useNavigate();
  const { toast, failed } = useFeedback();
  const list = usePages("webhooks", listWebhooks, idOf);
  const [adding, setAdding] = useState(false);
  const [created, setCreated] = useState<Webhook | null>(null);
  const { items, error } = list;

  const toggle = async (webhook: Webhook, enabled: boolean) => {
    const put = (next: Webhook) => list.mutate((known) => known.map((other) => (idOf(other) === idOf(next) ? next : other)));
    put({ ...webhook, enabled });
    try {
      put(await updateWebhook(webhook.webhook_id, { enabled }));
      toast({ tone: "ok", title: t.toggled(enabled) });
    } catch (problem) {
      put(webhook);
      failed(t.changeFailed, problem);
    }
  };

  const addButton = (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      {t.add}
    </Button>
  );

  return (
    <PageBody>
      <PageHeader title={t.title} description={t.text} actions={items && items.length > 0 ? addButton : null} />
      <Card className="overflow-hidden">
        {error && !items ? (
          <ErrorState problem={error} onRetry={list.reload} />
        ) : !items ? (
          <LoadingRows rows={3} />
        ) : items.length === 0 ? (
          <Message icon={WebhookIcon} title={t.emptyTitle} actions={addButton}>
            {t.emptyText}
          </Message>
        ) : (
          <ul aria-label={t.list}>
            {items.map((webhook) => (
              <li key={webhook.webhook_id} className="relative flex items-center gap-4 border-b border-line px-4 py-3.5 transition-colors last:border-b-0 hover:bg-surface-2 sm:px-5" data-webhook={webhook.webhook_id}>
                <span className="hidden size-9 shrink-0 place-items-center rounded-lg border border-line bg-surface-2 text-ink-3 sm:grid">
                  <WebhookIcon className="size-4" aria-hidden />
                </span>
                <div className="min-w-0 flex-1">
                  <Link to={`/webhooks/${webhook.webhook_id}`} className="block truncate rounded-sm text-sm font-medium text-ink after:absolute after:inset-0">
                    {webhook.url}
                  </Link>
                  <p className="truncate text-xs text-ink-3">
                    {webhook.description ? `${webhook.description} · ` : ""}
                    {eventsText(webhook.types)} · {t.created.toLowerCase()} <TimeAgo at={webhook.created_at} />
                  </p>
                  {webhook.enabled || !webhook.disabled_reason ? null : <p className="text-xs text-danger-text">{t.disabledBecause(webhook.disabled_reason)}</p>}
                </div>
                <Switch className="relative z-10" checked={webhook.enabled} aria-label={t.enabledLabel(webhook.url)} onCheckedChange={(on) => void toggle(webhook, on)} />
              </li>
            ))}
          </ul>
        )}
        <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
      </Card>

      <Dialog open={adding} onOpenChange={setAdding}>
        <DialogContent title={t.addTitle} description={t.addText} onOpenAutoFocus={focusFirstField}>
          <WebhookForm
            submitLabel={t.create}
            onSave={async (draft) => {
              const webhook = await createWebhook(draft);
              setAdding(false);
              setCreated(webhook);
              list.reload();
            }}
          />
        </DialogContent>
      </Dialog>
      {created?.secret ? (
        <WebhookSecretDialog
          secret={created.secret}
          onClose={() => {
            setCreated(null);
            void navigate(`/webhooks/${created.webhook_id}`);
          }}
        />
      ) : null}
    </PageBody>
  );
}
