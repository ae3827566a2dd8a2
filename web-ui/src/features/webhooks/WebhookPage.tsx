import { Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { deleteWebhook, getWebhook, testWebhook, updateWebhook } from "@/api/webhooks";
import type { Webhook } from "@/api/types";
import { CodeBlock } from "@/components/Code";
import { useFeedback } from "@/components/Feedback";
import { PageBody, PageHeader } from "@/components/Page";
import { LoadingRows } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeFull } from "@/components/Time";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Segmented } from "@/components/ui/segmented";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { ProblemPage } from "@/features/errors/pages";
import { useResource } from "@/hooks/useResource";
import { useTitle } from "@/hooks/useTitle";
import { strings } from "@/lib/strings";
import { Deliveries } from "./Deliveries";
import { EndpointStatistics } from "./EndpointStatistics";
import { javascriptSnippet, pythonSnippet, rustSnippet } from "./snippets";
import { WebhookSettings } from "./WebhookSettings";

const t = strings.webhooks;
const TABS = ["deliveries", "verify", "settings"] as const;
const SNIPPETS = { javascript: javascriptSnippet, python: pythonSnippet, rust: rustSnippet };
type Language = keyof typeof SNIPPETS;

export function Component() {
  const { webhookId = "" } = useParams();
  const webhook = useResource(`webhook/${webhookId}`, (signal) => getWebhook(webhookId, signal));
  const [params, setParams] = useSearchParams();
  const [round, setRound] = useState(0);
  const tab = TABS.find((name) => name === params.get("tab")) ?? "deliveries";
  useTitle(webhook.data ? `${t.title} · ${webhook.data.url}` : t.title);

  if (webhook.error && !webhook.data) return <ProblemPage problem={webhook.error} onRetry={webhook.reload} />;
  if (!webhook.data) {
    return (
      <PageBody>
        <PageHeader title="…" trail={[{ label: t.title, to: "/webhooks" }]} />
        <LoadingRows className="panel" />
      </PageBody>
    );
  }
  const shown = webhook.data;
  return (
    <PageBody>
      <PageHeader
        title={<span className="break-all text-xl">{shown.url}</span>}
        badge={<StatusBadge status={shown.enabled ? "Enabled" : "Disabled"} />}
        trail={[{ label: t.title, to: "/webhooks" }]}
        description={shown.description ?? undefined}
        actions={<HookActions webhook={shown} onChange={(next) => webhook.mutate(() => next)} onTested={() => setRound((number) => number + 1)} />}
      />
      {!shown.enabled && shown.disabled_reason ? (
        <Alert tone="warn" className="mb-4">
          {t.disabledBecause(shown.disabled_reason)}
        </Alert>
      ) : null}
      {shown.enabled && shown.failing_since ? (
        <Alert tone="warn" className="mb-4">
          {t.failingSince} <TimeFull inline at={shown.failing_since} />. {t.failingText}
        </Alert>
      ) : null}
      <EndpointStatistics webhookId={shown.webhook_id} round={round} />
      <Tabs value={tab} onValueChange={(value) => setParams(value === "deliveries" ? {} : { tab: value }, { replace: true })}>
        <TabsList aria-label={t.title}>
          {TABS.map((name) => (
            <TabsTrigger key={name} value={name}>
              {t.tabs[name]}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value="deliveries">
          <Deliveries webhookId={shown.webhook_id} round={round} />
        </TabsContent>
        <TabsContent value="verify">
          <Verify />
        </TabsContent>
        <TabsContent value="settings">
          <WebhookSettings webhook={shown} onChange={(next) => webhook.mutate(() => next)} onReload={webhook.reload} />
        </TabsContent>
      </Tabs>
    </PageBody>
  );
}

function HookActions({ webhook, onChange, onTested }: { webhook: Webhook; onChange: (webhook: Webhook) => void; onTested: () => void }) {
  const { toast, failed, confirm } = useFeedback();
  const navigate = useNavigate();
  const [busy, setBusy] = useState<string | null>(null);
  const guarded = async (name: string, title: string, work: () => Promise<void>) => {
    setBusy(name);
    try {
      await work();
    } catch (error) {
      failed(title, error);
    } finally {
      setBusy(null);
    }
  };
  const test = () =>
    guarded("test", t.testFailed, async () => {
      await testWebhook(webhook.webhook_id);
      toast({ tone: "ok", title: t.testSent });
      onTested();
    });
  const toggle = () =>
    guarded("toggle", t.changeFailed, async () => {
      onChange(await updateWebhook(webhook.webhook_id, { enabled: !webhook.enabled }));
      toast({ tone: "ok", title: t.toggled(!webhook.enabled) });
    });
  const remove = async () => {
    const yes = await confirm({ title: t.confirmDelete, description: t.confirmDeleteText(webhook.url), confirmLabel: strings.common.delete, danger: true });
    if (!yes) return;
    await guarded("delete", t.deleteFailed, async () => {
      await deleteWebhook(webhook.webhook_id);
      toast({ tone: "info", title: t.deleted });
      await navigate("/webhooks", { replace: true });
    });
  };
  return (
    <>
      <Button variant="primary" busy={busy === "test"} disabled={!webhook.enabled} onClick={() => void test()}>
        <Send aria-hidden />
        {t.test}
      </Button>
      <Button busy={busy === "toggle"} onClick={() => void toggle()}>
        {webhook.enabled ? t.disable : t.enable}
      </Button>
      <Button variant="dangerGhost" size="icon" aria-label={strings.common.delete} title={strings.common.delete} busy={busy === "delete"} onClick={() => void remove()}>
        <Trash2 aria-hidden />
      </Button>
    </>
  );
}

function Verify() {
  const [language, setLanguage] = useState<Language>("javascript");
  return (
    <Card>
      <CardHeader
        title={t.tabs.verify}
        description={t.verifyText}
        actions={
          <Segmented
            label={t.language}
            value={language}
            onChange={setLanguage}
            options={(Object.keys(SNIPPETS) as Language[]).map((value) => ({ value, label: t.languages[value] }))}
          />
        }
      />
      <CardBody>
        <CodeBlock text={SNIPPETS[language]} label={t.languages[language]} />
      </CardBody>
    </Card>
  );
}
