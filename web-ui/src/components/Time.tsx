import { useAuth } from "@/features/auth/AuthProvider";
import { useNow } from "@/hooks/useNow";
import { cn } from "@/lib/cn";
import { serverNow } from "@/lib/clock";
import { formatDuration, formatInstant, formatLeft, formatRelative } from "@/lib/format";
import { strings } from "@/lib/strings";

/** Relative time; the exact one, with its zone, on hover. */
export function TimeAgo({ at, className }: { at: string | null | undefined; className?: string }) {
  const { zone } = useAuth();
  const now = useNow(15_000, Boolean(at));
  if (!at) return <span className={className}>–</span>;
  return (
    <time dateTime={at} title={`${formatInstant(at, zone)}\n${at}`} className={cn("whitespace-nowrap", className)}>
      {formatRelative(at, now)}
    </time>
  );
}

/** Both at once, for pages with room; `inline` puts them on one line. */
export function TimeFull({ at, inline = false }: { at: string | null | undefined; inline?: boolean }) {
  const { zone } = useAuth();
  const now = useNow(15_000, Boolean(at));
  if (!at) return <span className="text-ink-3">–</span>;
  return (
    <time dateTime={at} title={at}>
      <span className="text-ink">{formatRelative(at, now)}</span>
      <span className={cn("tnum text-xs text-ink-3", inline ? "ml-1.5" : "block")}>{formatInstant(at, zone)}</span>
    </time>
  );
}

/** Time since `from`, running until `until` is known. */
export function Elapsed({ from, until, className }: { from: string; until?: string | null; className?: string }) {
  const now = useNow(200, !until);
  return <span className={cn("tnum whitespace-nowrap", className)}>{formatDuration((until ? Date.parse(until) : now) - Date.parse(from))}</span>;
}

const HOUR_MS = 3_600_000;

/** Time to go: by the second in the last hour, before that in round words; the exact time on hover. */
export function Countdown({ at, className }: { at: string; className?: string }) {
  const { zone } = useAuth();
  const near = Date.parse(at) - serverNow() < HOUR_MS;
  const now = useNow(near ? 1000 : 15_000);
  const left = Date.parse(at) - now;
  return (
    <time dateTime={at} title={`${formatInstant(at, zone)}\n${at}`} className={cn("tnum whitespace-nowrap", className)}>
      {left <= 0 ? strings.common.due : left < HOUR_MS ? strings.common.inTime(formatLeft(left)) : formatRelative(at, now)}
    </time>
  );
}
