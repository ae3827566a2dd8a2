import { RefreshCw, SearchX, TriangleAlert } from "lucide-react";
import { useEffect } from "react";
import { Link, useNavigate, useRouteError } from "react-router";
import { CopyButton } from "@/components/CopyButton";
import { PageBody } from "@/components/Page";
import { ErrorState, Message } from "@/components/States";
import { Problem, toProblem } from "@/api/problem";
import { Button } from "@/components/ui/button";
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

/** What the router shows when a page throws. */
export function CrashPage() {
  const error = useRouteError();
  const updated = isChunkError(error);
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
