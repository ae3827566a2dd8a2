import { asSentence, type Problem } from "@/api/problem";
import { Alert } from "@/components/ui/alert";
import { strings } from "@/lib/strings";
import { CopyButton } from "./CopyButton";

/** What stands above a form when the server refused for a reason that belongs to no field. */
export function ProblemAlert({ problem, rest = [], text, className }: { problem: Problem | null; rest?: string[]; text?: string; className?: string }) {
  if (!problem) return null;
  const message = text ?? asSentence(problem.detail || problem.title);
  return (
    <Alert tone="error" live className={className} title={rest.length > 0 ? problem.title : undefined}>
      {rest.length > 0 ? (
        <ul className="list-disc pl-4">
          {rest.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      ) : (
        message
      )}
      {problem.status >= 500 && problem.requestId ? (
        <span className="mt-1 flex items-center gap-1 text-xs">
          {strings.common.requestId} <code className="truncate">{problem.requestId}</code>
          <CopyButton text={problem.requestId} label={strings.common.copyRequestId} />
        </span>
      ) : null}
    </Alert>
  );
}
