import { useState } from "react";
import { getLink, makeLink, revokeLink, type JobLink, type LinkKind } from "@/api/links";
import type { Job } from "@/api/types";
import { CodeBlock } from "@/components/Code";
import { useFeedback } from "@/components/Feedback";
import { ErrorState } from "@/components/States";
import { TimeAgo } from "@/components/Time";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { useResource } from "@/hooks/useResource";
import { strings } from "@/lib/strings";

const t = strings.jobs.links;

/** How an address is used. */
const exampleOf = (kind: LinkKind, url: string): string =>
  ({
    inbound: `curl -d '{"branch": "main"}' -H 'Content-Type: application/json' ${url}`,
    heartbeat: `your-command && curl -fsS --retry 3 ${url}`,
    badge: `![status](${url})`,
  })[kind];

/** The secret addresses of a job: for starting it from outside, for signs of life, for a picture of its state. */
export function LinksTab({ job }: { job: Job }) {
  const kinds: LinkKind[] = job.executor.type === "heartbeat" ? ["heartbeat", "badge"] : ["inbound", "badge"];
  return (
    <div className="flex flex-col gap-4">
      {kinds.map((kind) => (
        <LinkCard key={kind} jobId={job.job_id} kind={kind} />
      ))}
    </div>
  );
}

function LinkCard({ jobId, kind }: { jobId: string; kind: LinkKind }) {
  const link = useResource<JobLink | null>(`job/${jobId}/link/${kind}`, (signal) => getLink(jobId, kind, signal));
  const { confirm, failed } = useFeedback();
  const [busy, setBusy] = useState(false);
  const [url, setUrl] = useState<string | null>(null);
  const { title, text } = t.kinds[kind];
  const known = link.data ?? null;

  const make = async () => {
    if (known && !(await confirm({ title: t.confirmAgain, description: t.confirmAgainText, confirmLabel: t.again, danger: true }))) return;
    setBusy(true);
    try {
      const made = await makeLink(jobId, kind);
      setUrl(made.url ?? null);
      link.reload();
    } catch (error) {
      failed(t.makeFailed, error);
    } finally {
      setBusy(false);
    }
  };
  const revoke = async () => {
    if (!(await confirm({ title: t.confirmRevoke, description: t.confirmRevokeText, confirmLabel: t.revoke, danger: true }))) return;
    try {
      await revokeLink(jobId, kind);
      setUrl(null);
      link.reload();
    } catch (error) {
      failed(t.revokeFailed, error);
    }
  };

  return (
    <Card data-link={kind}>
      <CardHeader
        title={title}
        description={text}
        actions={
          <>
            {/* Until the answer is here nobody knows whether this makes the first one or replaces one. */}
            <Button busy={busy} disabled={link.data === undefined} onClick={() => void make()}>
              {known ? t.again : t.make}
            </Button>
            {known ? (
              <Button variant="dangerGhost" aria-label={t.revokeOne(title)} onClick={() => void revoke()}>
                {t.revoke}
              </Button>
            ) : null}
          </>
        }
      />
      <CardBody className="flex flex-col gap-3">
        {link.error ? (
          <ErrorState problem={link.error} onRetry={link.reload} className="py-4" />
        ) : link.data === undefined ? (
          <Skeleton className="h-5 w-1/2" />
        ) : known ? (
          <p className="text-sm text-ink-2">
            {t.ends(known.last4)} · {t.madeAt} <TimeAgo at={known.created_at} /> ·{" "}
            {known.last_used_at ? (
              <>
                {t.used} <TimeAgo at={known.last_used_at} />
              </>
            ) : (
              t.unused
            )}
          </p>
        ) : (
          <p className="text-sm text-ink-3">{t.none}</p>
        )}
        {url ? (
          <>
            <Alert tone="info">{t.once}</Alert>
            {kind === "badge" && url.startsWith(`${location.origin}/`) ? <img src={url} alt={t.badgeNow} className="h-5 self-start" /> : null}
            <CodeBlock text={url} label={t.of(title, t.address)} />
            <CodeBlock text={exampleOf(kind, url)} label={t.of(title, t.example)} />
          </>
        ) : null}
      </CardBody>
    </Card>
  );
}
