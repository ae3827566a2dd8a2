import type { Run } from "@/api/types";
import { cn } from "@/lib/cn";
import { formatDuration } from "@/lib/format";
import { statusLook, toneClasses } from "@/lib/status";
import { strings } from "@/lib/strings";

/** The latest runs as bars, oldest first: colour says how it ended, height how long it took. */
export function RunStrip({ runs, className }: { runs: Run[]; className?: string }) {
  const shown = [...runs].reverse();
  const longest = Math.max(1, ...shown.map((run) => run.duration_ms ?? 0));
  const failed = shown.filter((run) => run.status === "Failed").length;
  return (
    <span role="img" aria-label={strings.runs.strip(shown.length, failed)} className={cn("flex h-6 items-end gap-px", className)}>
      {shown.map((run) => (
        <span
          key={run.run_id}
          title={`${statusLook(run.status).word}${run.duration_ms === null ? "" : `, ${formatDuration(run.duration_ms)}`}`}
          className={cn("min-w-[3px] flex-1 rounded-[1px]", toneClasses[statusLook(run.status).tone].solid)}
          style={{ height: `${25 + 75 * Math.sqrt((run.duration_ms ?? 0) / longest)}%` }}
        />
      ))}
    </span>
  );
}
