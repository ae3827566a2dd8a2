import { useAuth } from "@/features/auth/AuthProvider";
import { useNow } from "@/hooks/useNow";
import { cn } from "@/lib/cn";
import { serverNow } from "@/lib/clock";
import { formatDuration, formatInstant, formatLeft, formatRelative, formatStamp } from "@/lib/format";
import { strings } from "@/lib/strings";

/**
 * Relative time, or the exact one with its zone where the person chose so (key `z`, account menu). The other of the two
 * is a pointer or a finger away: see `TimeTip`.
 */
export function TimeAgo({ at, className }: { at: string | null | undefined; className?: string }) {
  const { zone, times } = useAuth();
  const exact = times.style === "exact";
  const now = useNow(15_000, Boolean(at) && !exact);
  if (!at) return <span className={className}>–</span>;
  return (
    <time dateTime={at} className={cn("whitespace-nowrap", exact && "tnum", className)}>
      {exact ? formatStamp(at, zone) : formatRelative(at, now)}
    </time>
  );
}

/** Both at once, for pages with room; `inline` puts them on one line. */
export function TimeFull({ at, inline = false }: { at: string | null | undefined; inline?: boolean }) {
  const { zone } = useAuth();
  const now = useNow(15_000, Boolean(at));
  if (!at) return <span className="text-ink-3">–</span>;
  return (
    <time dateTime={at}>
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

/** Time to go: by the second in the last hour, before that in round words; or the exact time, as the person chose. */
export function Countdown({ at, className }: { at: string; className?: string }) {
  const { zone, times } = useAuth();
  const exact = times.style === "exact";
  const near = Date.parse(at) - serverNow() < HOUR_MS;
  const now = useNow(near ? 1000 : 15_000, !exact);
  const left = Date.parse(at) - now;
  const distance = () => (left <= 0 ? strings.common.due : left < HOUR_MS ? strings.common.inTime(formatLeft(left)) : formatRelative(at, now));
  return (
    <time dateTime={at} className={cn("tnum whitespace-nowrap", className)}>
      {exact ? formatStamp(at, zone) : distance()}
    </time>
  );
}
