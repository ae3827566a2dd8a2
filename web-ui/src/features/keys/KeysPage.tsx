import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { listApiKeys, revokeApiKey } from "@/api/keys";
import type { ApiKey } from "@/api/types";
import { CodeBlock } from "@/components/Code";
import { useFeedback } from "@/components/Feedback";
import { LoadMore, PageBody, PageHeader } from "@/components/Page";
import { SecretDialog } from "@/components/SecretDialog";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeAgo } from "@/components/Time";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { usePages } from "@/hooks/usePages";
import { useTitle } from "@/hooks/useTitle";
import { serverNow } from "@/lib/clock";
import { features } from "@/lib/features";
import { focusFirstField } from "@/lib/focus";
import { strings } from "@/lib/strings";
import { KeyForm } from "./KeyForm";

const t = strings.keys;
const tryIt = (key: string) => `curl ${location.origin}/api/v1/jobs \\\n  -H "Authorization: Bearer ${key}"`;
const idOf = (key: ApiKey) => key.api_key_id;

/** The keys of the person's programs: made, shown once, revoked. */
export function Component() {
  useTitle(t.title);
  const list = usePages("api-keys", listApiKeys, idOf);
  const { toast, failed, confirm } = useFeedback();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<ApiKey | null>(null);
  const { items, error } = list;

  const revoke = async (key: ApiKey) => {
    if (!(await confirm({ title: t.confirmRevoke, description: t.confirmRevokeText(key.name), confirmLabel: t.revoke, danger: true }))) return;
    try {
      await revokeApiKey(key.api_key_id);
      list.mutate((known) => known.filter((other) => idOf(other) !== idOf(key)));
      toast({ tone: "info", title: t.revoked(key.name) });
    } catch (problem) {
      failed(t.revokeFailed, problem);
    }
  };
  const add = (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      {t.add}
    </Button>
  );

  return (
    <PageBody>
      <PageHeader title={t.title} description={t.text} actions={items && items.length > 0 ? add : null} />
      <Card className="overflow-hidden">
        {error && !items ? (
          <ErrorState problem={error} onRetry={list.reload} />
        ) : !items ? (
          <LoadingRows rows={3} />
        ) : items.length === 0 ? (
          <Message icon={KeyRound} title={t.empty} actions={add}>
            {t.emptyText}
          </Message>
        ) : (
          <ul aria-label={t.list}>
            {items.map((key) => (
              <Row key={key.api_key_id} apiKey={key} onRevoke={() => void revoke(key)} />
            ))}
          </ul>
        )}
        <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
      </Card>
      <Dialog open={adding} onOpenChange={setAdding}>
        {adding ? (
          <DialogContent title={t.addTitle} description={t.addText} onOpenAutoFocus={focusFirstField}>
            <KeyForm
              onMade={(key) => {
                setAdding(false);
                setMade(key);
                list.reload();
              }}
            />
          </DialogContent>
        ) : null}
      </Dialog>
      {made?.key ? (
        <SecretDialog secret={made.key} name={t.secret} title={t.secretTitle} text={t.secretText} doneLabel={t.done} onClose={() => setMade(null)}>
          <div>
            <h3 className="mb-1.5 text-sm font-medium">{t.secretUse}</h3>
            <CodeBlock text={tryIt(made.key)} label={t.secretUse} />
          </div>
        </SecretDialog>
      ) : null}
    </PageBody>
  );
}

function Row({ apiKey: key, onRevoke }: { apiKey: ApiKey; onRevoke: () => void }) {
  const over = key.expires_at !== null && Date.parse(key.expires_at) <= serverNow();
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2.5 border-b border-line px-4 py-3.5 text-sm last:border-b-0 sm:flex-nowrap sm:px-5" data-api-key={key.api_key_id}>
      <span className="hidden size-9 shrink-0 place-items-center rounded-lg border border-line bg-surface-2 text-ink-3 sm:grid">
        <KeyRound className="size-4" aria-hidden />
      </span>
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <span className="break-words font-medium text-ink">{key.name}</span>
          <code className="text-xs text-ink-3">
            {key.prefix}…{key.last4}
          </code>
          {over ? <StatusBadge status="Expired" /> : null}
        </p>
        <p className="mt-0.5 text-xs text-ink-3">
          {key.last_used_at ? (
            <>
              {t.lastUsed} <TimeAgo at={key.last_used_at} />
            </>
          ) : (
            t.neverUsed
          )}
          {" · "}
          {t.created} <TimeAgo at={key.created_at} />
          {" · "}
          {key.expires_at ? (
            <>
              {t.endsOn} <TimeAgo at={key.expires_at} />
            </>
          ) : (
            t.endless
          )}
        </p>
        <p className="mt-1.5 flex flex-wrap gap-1">
          {key.scopes.map((scope) => (
            <code key={scope} title={t.scopeWords[scope]?.join(": ")} className="rounded border border-line bg-surface-2 px-1.5 text-2xs leading-[18px] text-ink-2">
              {scope}
            </code>
          ))}
        </p>
      </div>
      <div className="-ml-2.5 flex gap-1 sm:ml-0 sm:gap-3">
        {features.auditLog ? (
          <Button size="sm" variant="ghost" asChild>
            <Link to={`/account/activity?actor_id=${key.api_key_id}`}>{t.activity}</Link>
          </Button>
        ) : null}
        <Button size="sm" variant="dangerGhost" aria-label={t.revokeOne(key.name)} onClick={onRevoke}>
          {t.revoke}
        </Button>
      </div>
    </li>
  );
}
