import { CloudOff, SearchX, ShieldX, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { asSentence, type Problem } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";
import { CopyButton } from "./CopyButton";

const t = strings.errors;

interface MessageProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  tone?: "plain" | "error";
  className?: string;
  level?: "h1" | "h2";
}

/** Nothing here, and what to do about it. */
export function Message({ icon: Icon, title, children, actions, tone = "plain", className, level: Heading = "h2" }: MessageProps) {
  return (
    <div className={cn("mx-auto flex max-w-md flex-col items-center px-6 py-14 text-center", className)}>
      <span
        className={cn(
          "mb-4 grid size-11 place-items-center rounded-xl border [&_svg]:size-5",
          tone === "error" ? "border-danger-line bg-danger-soft text-danger-text" : "border-line bg-surface-2 text-ink-3",
        )}
      >
        <Icon aria-hidden />
      </span>
      <Heading className="text-lg font-semibold text-ink">{title}</Heading>
      {children ? <div className="mt-1.5 text-sm text-ink-2">{children}</div> : null}
      {actions ? <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div> : null}
    </div>
  );
}

function explain(problem: Problem): { icon: LucideIcon; title: string; text: string } {
  if (problem.offline) return { icon: CloudOff, title: t.offlineTitle, text: t.offlineText };
  if (problem.status === 404) return { icon: SearchX, title: t.goneTitle, text: t.goneText };
  if (problem.status === 403) return { icon: ShieldX, title: t.forbiddenTitle, text: t.forbiddenText };
  if (problem.status === 429) return { icon: TriangleAlert, title: t.busyTitle, text: asSentence(problem.detail) || t.busyText };
  return { icon: TriangleAlert, title: t.failedTitle, text: asSentence(problem.detail || problem.title) };
}

interface ErrorStateProps {
  problem: Problem;
  onRetry?: () => void;
  className?: string;
  level?: "h1" | "h2";
  actions?: ReactNode;
}

export function ErrorState({ problem, onRetry, className, level, actions }: ErrorStateProps) {
  const { icon, title, text } = explain(problem);
  return (
    <Message
      icon={icon}
      title={title}
      tone={problem.status === 404 ? "plain" : "error"}
      className={className}
      level={level}
      actions={
        <>
          {onRetry && problem.status !== 404 && problem.status !== 403 ? <Button onClick={onRetry}>{t.retry}</Button> : null}
          {actions}
        </>
      }
    >
      <p>{text}</p>
      {problem.requestId && problem.status >= 500 ? (
        <p className="mt-3 inline-flex max-w-full items-center gap-1 rounded-md bg-surface-2 px-2 py-1 text-xs text-ink-3">
          {strings.common.requestId} <code className="truncate">{problem.requestId}</code>
          <CopyButton text={problem.requestId} label={strings.common.copyRequestId} />
        </p>
      ) : null}
    </Message>
  );
}

export function LoadingRows({ rows = 6, className }: { rows?: number; className?: string }) {
  return (
    <div className={cn("flex flex-col", className)} role="status" aria-label={strings.common.loading}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex items-center gap-4 border-b border-line px-5 py-3.5 last:border-b-0">
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="h-5 w-20" />
          <Skeleton className="ml-auto h-4 w-24" />
        </div>
      ))}
    </div>
  );
}
