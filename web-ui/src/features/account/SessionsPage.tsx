import { Laptop, Smartphone } from "lucide-react";
import { deleteSession, listSessions } from "@/api/auth";
import { refreshSession } from "@/api/client";
import type { Session } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { PageBody } from "@/components/Page";
import { ErrorState, LoadingRows } from "@/components/States";
import { TimeAgo } from "@/components/Time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { useResource } from "@/hooks/useResource";
import { useTitle } from "@/hooks/useTitle";
import { describeAgent } from "@/lib/format";
import { strings } from "@/lib/strings";
import { AccountHeader } from "./AccountTabs";

const t = strings.account;

export function Component() {
  useTitle(t.sessions);
  const sessions = useResource("sessions", listSessions, { live: true });
  const { toast, failed, confirm } = useFeedback();
  const { data, error } = sessions;

  const end = async (session: Session) => {
    const agent = describeAgent(session.user_agent);
    const yes = await confirm({
      title: t.confirmEnd,
      description: session.current ? t.confirmEndOwnText : t.confirmEndText(agent),
      confirmLabel: t.end,
      danger: true,
    });
    if (!yes) return;
    try {
      await deleteSession(session.session_id);
      if (session.current) return void (await refreshSession().catch(() => undefined));
      sessions.mutate((page) => ({ ...page, data: page.data.filter((other) => other.session_id !== session.session_id) }));
      toast({ tone: "ok", title: t.ended });
    } catch (problem) {
      failed(t.endFailed, problem);
    }
  };

  return (
    <PageBody>
      <AccountHeader />
      <Card className="overflow-hidden">
        <CardHeader title={t.sessions} description={t.sessionsText} />
        {error && !data ? (
          <ErrorState problem={error} onRetry={sessions.reload} />
        ) : !data ? (
          <LoadingRows rows={3} />
        ) : (
          <ul aria-label={t.sessionList}>
            {[...data.data].sort((a, b) => Number(b.current) - Number(a.current)).map((session) => (
              <SessionRow key={session.session_id} session={session} onEnd={() => void end(session)} />
            ))}
          </ul>
        )}
      </Card>
    </PageBody>
  );
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const agent = describeAgent(session.user_agent);
  const Icon = /Android|iPhone|Mobile/.test(session.user_agent ?? "") ? Smartphone : Laptop;
  return (
    <li className="flex items-center gap-4 border-t border-line px-4 py-3.5 sm:px-5" data-session={session.session_id}>
      <span className="grid size-9 shrink-0 place-items-center rounded-lg border border-line bg-surface-2 text-ink-3">
        <Icon className="size-4" aria-hidden />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 text-sm font-medium text-ink">
          {agent}
          {session.current ? <Badge tone="ok">{t.thisOne}</Badge> : null}
        </p>
        <p className="text-xs text-ink-3">
          {session.ip ?? t.unknownAddress} · {t.lastUsed} <TimeAgo at={session.last_used_at} /> · {t.since} <TimeAgo at={session.created_at} /> · {t.expires} <TimeAgo at={session.expires_at} />
        </p>
      </div>
      <Button size="sm" aria-label={t.endOne(agent)} onClick={onEnd}>
        {t.end}
      </Button>
    </li>
  );
}
