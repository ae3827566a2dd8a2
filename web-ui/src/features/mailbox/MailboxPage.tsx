import { ArrowLeft, Inbox, RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { listMails, mailHtmlAddress } from "@/api/mailbox";
import type { Mail } from "@/api/types";
import { Brand } from "@/components/Brand";
import { CopyButton } from "@/components/CopyButton";
import { PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { TimeAgo } from "@/components/Time";
import { TimeTip } from "@/components/TimeTip";
import { Button } from "@/components/ui/button";
import { Segmented } from "@/components/ui/segmented";
import { useResource } from "@/hooks/useResource";
import { useTitle } from "@/hooks/useTitle";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";

const t = strings.mailbox;
const POLL_MS = 3000;

/** The code on its own line, as every mail with one has it. */
export const codeIn = (text: string): string | null => /^\s*(\d{8})\s*$/m.exec(text)?.[1] ?? null;

export function Component() {
  useTitle(t.title);
  const mails = useResource("mailbox", listMails);
  const [params, setParams] = useSearchParams();
  const { reload } = mails;

  useEffect(() => {
    const timer = window.setInterval(() => document.visibilityState === "visible" && reload(), POLL_MS);
    return () => window.clearInterval(timer);
  }, [reload]);

  const selected = mails.data?.find((mail) => mail.id === params.get("mail")) ?? mails.data?.[0];

  return (
    <div className="min-h-dvh">
      <header className="flex h-14 items-center justify-between border-b border-line px-4 sm:px-6">
        <Link to="/" className="rounded-md">
          <Brand />
        </Link>
        <Button variant="ghost" size="sm" asChild>
          <Link to="/">
            <ArrowLeft aria-hidden />
            {strings.shell.overview}
          </Link>
        </Button>
      </header>
      <main>
        <PageBody>
          <PageHeader
            title={t.title}
            description={t.text}
            actions={
              <Button size="sm" onClick={reload}>
                <RefreshCw aria-hidden />
                {t.refresh}
              </Button>
            }
          />
          {mails.error && !mails.data ? (
            mails.error.status === 404 || mails.error.status === 403 ? (
              <Message icon={Inbox} title={t.off} className="panel max-w-none">
                {t.offText}
              </Message>
            ) : (
              <ErrorState problem={mails.error} onRetry={reload} className="panel max-w-none" />
            )
          ) : !mails.data ? (
            <LoadingRows className="panel" />
          ) : mails.data.length === 0 ? (
            <Message icon={Inbox} title={t.empty} className="panel max-w-none">
              {t.emptyText}
            </Message>
          ) : (
            <div className="panel grid overflow-hidden md:grid-cols-[19rem_minmax(0,1fr)]">
              <MailList mails={mails.data} selected={selected?.id} onSelect={(id) => setParams({ mail: id }, { replace: true })} />
              {selected ? <MailView key={selected.id} mail={selected} /> : null}
            </div>
          )}
        </PageBody>
        <TimeTip />
      </main>
    </div>
  );
}

function MailList({ mails, selected, onSelect }: { mails: Mail[]; selected?: string; onSelect: (id: string) => void }) {
  return (
    <ul aria-label={t.list} className="max-h-64 overflow-y-auto border-b border-line md:max-h-[70vh] md:border-b-0 md:border-r">
      {mails.map((mail) => (
        <li key={mail.id}>
          <button
            type="button"
            aria-current={mail.id === selected ? "true" : undefined}
            onClick={() => onSelect(mail.id)}
            className={cn(
              "focus-inset flex w-full flex-col gap-0.5 border-b border-line px-4 py-3 text-left transition-colors hover:bg-surface-2",
              mail.id === selected && "bg-accent-soft hover:bg-accent-soft",
            )}
          >
            <span className="flex items-baseline justify-between gap-3 text-sm">
              <span className="truncate font-medium text-ink">{mail.subject}</span>
              <TimeAgo at={mail.at} className="shrink-0 text-xs text-ink-2" />
            </span>
            <span className="truncate text-xs text-ink-2">{mail.to}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function MailView({ mail }: { mail: Mail }) {
  const [view, setView] = useState<"text" | "html">(mail.html ? "html" : "text");
  const code = codeIn(mail.text);
  return (
    <article className="flex min-w-0 flex-col">
      <header className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-5 py-3.5">
        <div className="min-w-0">
          <h2 className="truncate text-base font-semibold">{mail.subject}</h2>
          <p className="truncate text-sm text-ink-2">
            {t.to} {mail.to}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {code ? <CopyButton text={code} label={`${t.copyCode} ${code}`} withLabel /> : null}
          <Segmented
            label={t.view}
            value={view}
            onChange={setView}
            options={[
              { value: "html", label: t.asHtml },
              { value: "text", label: t.asText },
            ]}
          />
        </div>
      </header>
      {view === "text" ? (
        <pre tabIndex={0} role="region" aria-label={t.asText} className="focus-inset overflow-auto whitespace-pre-wrap p-5 text-sm text-ink" data-mail-text>
          {mail.text}
        </pre>
      ) : mail.html === null ? (
        <p className="p-5 text-sm text-ink-2">{t.noHtml}</p>
      ) : (
        // Sandboxed: a mail's HTML runs no script and reaches nothing of the dashboard.
        <iframe sandbox="" title={t.frame(mail.subject)} src={mailHtmlAddress(mail.id)} className="h-[62vh] w-full bg-white" />
      )}
    </article>
  );
}
