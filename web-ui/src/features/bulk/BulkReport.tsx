import { Link } from "react-router";
import { bulkIsOver, type BulkOperation } from "@/api/bulk";
import { asSentence } from "@/api/problem";
import { cn } from "@/lib/cn";
import { formatNumber, shortId } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.bulk;

/** How far an operation is, in a bar and in words. */
export function BulkBarOf({ operation, label }: { operation: BulkOperation; label: string }) {
  const { matched, done, failed } = operation;
  const over = bulkIsOver(operation);
  const share = matched === 0 ? 100 : Math.min(100, ((done + failed) / matched) * 100);
  const words = operation.matched_exactly || over ? t.of(formatNumber(done), formatNumber(matched)) : t.ofMore(formatNumber(done), formatNumber(matched));
  const left = matched - done - failed;
  return (
    <div className="flex flex-col gap-1.5">
      <div role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share)} className="flex h-2 overflow-hidden rounded-full bg-surface-3">
        <div className={cn("h-full transition-[width]", over ? "bg-ok-solid" : "bg-run-solid")} style={{ width: `${matched === 0 ? 0 : (done / matched) * 100}%` }} />
        <div className="h-full bg-fail-solid transition-[width]" style={{ width: `${matched === 0 ? 0 : (failed / matched) * 100}%` }} />
      </div>
      <p className="tnum text-sm text-ink-2">
        {over && matched === 0 ? t.noMatch : words}
        {failed > 0 ? <span className="text-danger-text"> · {t.failed(formatNumber(failed))}</span> : null}
        {over && left > 0 ? <span> · {t.left(formatNumber(left))}</span> : null}
      </p>
    </div>
  );
}

/** Why it could not be done to some. */
export function BulkErrors({ errors, className }: { errors: BulkOperation["errors"]; className?: string }) {
  if (errors.length === 0) return null;
  return (
    <ul className={cn("max-h-64 overflow-y-auto rounded-lg border border-line", className)}>
      {errors.map(({ job_id, message }) => (
        <li key={job_id} className="flex flex-wrap gap-x-3 border-b border-line px-3 py-2 text-sm last:border-b-0">
          <Link to={`/jobs/${job_id}`} className="rounded-sm font-mono text-xs leading-5 text-ink underline decoration-line-strong underline-offset-4 hover:text-accent-text">
            {shortId(job_id)}
          </Link>
          <span className="min-w-0 flex-1 basis-48 break-words text-xs leading-5 text-danger-text">{asSentence(message)}</span>
        </li>
      ))}
    </ul>
  );
}
