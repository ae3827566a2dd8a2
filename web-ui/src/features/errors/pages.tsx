import { RefreshCw, SearchX, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useNavigate, useRouteError } from "react-router";
import { CopyButton } from "@/components/CopyButton";
import { PageBody } from "@/components/Page";
import { ErrorState, Message } from "@/components/States";
import { getMeta } from "@/api/auth";
import { Problem, toProblem } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Splash } from "@/features/shell/Splash";
import { useTitle } from "@/hooks/useTitle";
import { strings } from "@/lib/strings";

const t = strings.errors;

export function NotFoundPage() {
  useTitle(t.notFoundTitle);
  const navigate = useNavigate();
  return (
    <PageBody>
      <Message
        level="h1"
        icon={SearchX}
        title={t.notFoundTitle}
        actions={
          <>
            <Button variant="primary" asChild>
              <Link to="/">{t.home}</Link>
            </Button>
            <Button asChild>
              <Link to="/jobs">{t.searchJobs}</Link>
            </Button>
            <Button variant="ghost" onClick={() => void navigate(-1)}>
              {t.back}
            </Button>
          </>
        }
      >
        {t.notFoundText}
      </Message>
    </PageBody>
  );
}

/** A page whose content the server refused: the same look everywhere. */
export function ProblemPage({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <PageBody>
      <ErrorState
        problem={problem}
        onRetry={onRetry}
        level="h1"
        actions={
          <Button asChild>
            <Link to="/">{t.home}</Link>
          </Button>
        }
      />
    </PageBody>
  );
}

export function ForbiddenPage() {
  useTitle(t.forbiddenTitle);
  return <ProblemPage problem={new Problem({ status: 403, code: "forbidden", title: t.forbiddenTitle })} />;
}

const isChunkError = (error: unknown) =>
  error instanceof Error && /dynamically imported module|Importing a module script|Failed to fetch/i.test(error.message);

/** A part of the dashboard that is not there: was it the server that changed, or is it out of reach? */
function useReachable(asked: boolean): boolean | null {
  const [reachable, setReachable] = useState<boolean | null>(null);
  useEffect(() => {
    if (asked) getMeta().then(() => setReachable(true), (error: unknown) => setReachable(!toProblem(error).offline));
  }, [asked]);
  return reachable;
}

/** What the router shows when a page throws. */
export function CrashPage() {
  const error = useRouteError();
  const chunk = isChunkError(error);
  const reachable = useReachable(chunk);
  if (!chunk) return <Crash error={error} updated={false} />;
  if (reachable === null) return <Splash />;
  if (reachable) return <Crash error={error} updated />;
  return (
    <main className="grid min-h-dvh place-items-center">
      <ErrorState problem={new Problem({ status: 0, code: "offline", title: t.offlineTitle })} onRetry={() => location.reload()} level="h1" />
    </main>
  );
}

function Crash({ error, updated }: { error: unknown; updated: boolean }) {
  const detail = toProblem(error).message;
  useTitle(updated ? t.updatedTitle : t.crashTitle);
  useEffect(() => {
    // The only place that talks to the console: whoever mends this needs the stack.
    if (!updated) reportError(error);
  }, [error, updated]);
  return (
    <main className="grid min-h-dvh place-items-center">
      <Message
        level="h1"
        icon={updated ? RefreshCw : TriangleAlert}
        tone={updated ? "plain" : "error"}
        title={updated ? t.updatedTitle : t.crashTitle}
        actions={
          <Button variant="primary" onClick={() => location.reload()}>
            {t.reload}
          </Button>
        }
      >
        <p>{updated ? t.updatedText : t.crashText}</p>
        {updated ? null : (
          <p className="mt-3 inline-flex max-w-full items-center gap-1 rounded-md bg-surface-2 px-2 py-1 text-xs text-ink-3">
            <code className="truncate">{detail}</code>
            <CopyButton text={`${detail}\n${error instanceof Error ? (error.stack ?? "") : ""}`} label={strings.common.copyThis("error")} />
          </p>
        )}
      </Message>
    </main>
  );
}
