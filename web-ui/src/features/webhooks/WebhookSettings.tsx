import { KeyRound } from "lucide-react";
import { useState } from "react";
import { rotateSecret, updateWebhook, type WebhookDraft } from "@/api/webhooks";
import { toProblem } from "@/api/problem";
import type { Webhook } from "@/api/types";
import { CopyValue } from "@/components/Code";
import { useFeedback } from "@/components/Feedback";
import { DescriptionList } from "@/components/Page";
import { TimeFull } from "@/components/Time";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { shortId } from "@/lib/format";
import { strings } from "@/lib/strings";
import { WebhookSecretDialog } from "./WebhookSecretDialog";
import { WebhookForm } from "./WebhookForm";

const t = strings.webhooks;

interface SettingsProps {
  webhook: Webhook;
  onChange: (webhook: Webhook) => void;
  onReload: () => void;
}

export function WebhookSettings({ webhook, onChange, onReload }: SettingsProps) {
  const { toast, failed, confirm } = useFeedback();
  const [secret, setSecret] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const save = async (draft: WebhookDraft) => {
    try {
      onChange(await updateWebhook(webhook.webhook_id, draft, webhook.version));
      toast({ tone: "ok", title: strings.common.saved });
    } catch (error) {
      if (toProblem(error).status !== 412) throw error;
      toast({ tone: "error", title: t.changeFailed, detail: t.changedMeanwhile });
      onReload();
    }
  };

  const rotate = async () => {
    if (!(await confirm({ title: t.confirmRotate, description: t.rotateText, confirmLabel: t.rotate }))) return;
    setBusy(true);
    try {
      const { secret: made, ...next } = await rotateSecret(webhook.webhook_id);
      onChange(next);
      setSecret(made ?? null);
    } catch (error) {
      failed(t.rotateFailed, error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <Card>
        <CardHeader title={t.editTitle} />
        <CardBody>
          <WebhookForm key={webhook.version} webhook={webhook} submitLabel={strings.common.save} onSave={save} />
        </CardBody>
      </Card>
      <div className="flex min-w-0 flex-col gap-4">
        <Card>
          <CardHeader title={strings.jobs.details} />
          <CardBody>
            <DescriptionList
              items={[
                { term: t.created, value: <TimeFull at={webhook.created_at} /> },
                { term: t.updated, value: <TimeFull at={webhook.updated_at} /> },
                { term: t.id, value: <CopyValue text={webhook.webhook_id} shown={shortId(webhook.webhook_id)} label={t.id} /> },
              ]}
            />
          </CardBody>
        </Card>
        <Card>
          <CardHeader title={t.secret} description={t.rotateText} />
          <CardBody>
            <Button busy={busy} onClick={() => void rotate()}>
              <KeyRound aria-hidden />
              {t.rotate}
            </Button>
          </CardBody>
        </Card>
      </div>
      {secret ? <WebhookSecretDialog secret={secret} onClose={() => setSecret(null)} /> : null}
    </div>
  );
}
