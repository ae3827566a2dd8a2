import { Tooltip } from "@/components/ui/tooltip";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";
import { useLive } from "@/live/LiveProvider";

const t = strings.shell;

const looks = {
  live: { dot: "bg-ok-solid", text: t.live, hint: t.liveHint },
  connecting: { dot: "bg-wait-solid animate-breathe", text: t.connecting, hint: t.connectingHint },
  down: { dot: "bg-fail-solid", text: t.down, hint: t.downHint },
};

/** Whether what is on the screen follows the server. */
export function LiveBadge({ className, compact = false }: { className?: string; compact?: boolean }) {
  const { state } = useLive();
  const look = looks[state];
  return (
    <Tooltip text={look.hint}>
      <span role="status" className={cn("inline-flex items-center gap-2 text-xs font-medium text-ink-2", className)} data-live={state}>
        <span className={cn("size-2 rounded-full", look.dot)} aria-hidden />
        <span className={cn(compact && "sr-only")}>{look.text}</span>
      </span>
    </Tooltip>
  );
}
