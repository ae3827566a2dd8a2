import type { Run } from "@/api/types";
import { StatusIcon } from "@/components/StatusBadge";
import { Elapsed } from "@/components/Time";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { useAuth } from "@/features/auth/AuthProvider";
import { useNow } from "@/hooks/useNow";
import { cn } from "@/lib/cn";
import { asSentence } from "@/api/problem";
import { formatInstant, shortId } from "@/lib/format";
import { statusLook, toneClasses } from "@/lib/status";
import { strings } from "@/lib/strings";

const t = strings.runs;

/** The attempts as bars over the time of the run. */
export function Attempts({ run }: { run: Run }) {
  const attempts = run.attempts ?? [];
  const { zone } = useAuth();
  const open = !run.finished_at;
  const now = useNow(500, open);
  if (attempts.length === 0) return null;
  const begin = Date.parse(run.created_at);
  const end = Math.max(begin + 1, run.finished_at ? Date.parse(run.finished_at) : now);
  const share = (at: string | null, otherwise: number) => ((at ? Date.parse(at) : otherwise) - begin) / (end - begin);
  return (
    <Card>
      <CardHeader title={t.attemptsTitle} description={t.attemptsText} />
      <CardBody>
        <ol className="flex flex-col gap-3">
          {attempts.map((attempt) => {
            const status = attempt.outcome ?? (attempt.finished_at ? run.status : "Running");
            const from = Math.min(1, Math.max(0, share(attempt.started_at, begin)));
            const to = Math.min(1, Math.max(from, share(attempt.finished_at, end)));
            return (
              <li key={`${attempt.attempt}/${attempt.started_at}`} className="text-sm">
                <div className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5">
                  <StatusIcon status={status} />
                  <span className="font-medium text-ink">{t.attemptOf(attempt.attempt)}</span>
                  <span className="text-ink-2">{statusLook(status).word}</span>
                  {attempt.started_at ? (
                    <>
                      <Elapsed from={attempt.started_at} until={attempt.finished_at} className="text-ink-3" />
                      <time dateTime={attempt.started_at} className="tnum text-xs text-ink-3">
                        {formatInstant(attempt.started_at, zone, "time")}
                      </time>
                    </>
                  ) : null}
                  {attempt.node || attempt.worker_name ? (
                    <span className="ml-auto truncate text-xs text-ink-3">
                      {attempt.worker_name ? `${t.worker} ${attempt.worker_name}` : `${t.node} ${shortId(attempt.node ?? "")}`}
                    </span>
                  ) : null}
                </div>
                <div className="mt-1.5 h-1.5 rounded-full bg-surface-3" aria-hidden>
                  <div
                    className={cn("h-full min-w-1 rounded-full", toneClasses[statusLook(status).tone].solid)}
                    style={{ marginLeft: `${from * 100}%`, width: `${(to - from) * 100}%` }}
                  />
                </div>
                {attempt.error ? <p className="mt-1.5 break-words text-sm text-danger-text">{asSentence(attempt.error.message)}</p> : null}
              </li>
            );
          })}
        </ol>
      </CardBody>
    </Card>
  );
}
