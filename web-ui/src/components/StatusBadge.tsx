import { ChevronDown, ChevronsUp, ChevronUp, Equal, type LucideIcon } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/lib/cn";
import { statusLook, toneClasses } from "@/lib/status";

/** Colour, icon and word, always together. */
export function StatusBadge({ status, className }: { status: string; className?: string }) {
  const { word, tone, icon: Icon, spins } = statusLook(status);
  return (
    <Badge tone={tone} className={className} data-status={status}>
      <Icon className={cn(spins && "animate-spin [animation-duration:1.6s]")} aria-hidden />
      {word}
    </Badge>
  );
}

export function StatusIcon({ status, className }: { status: string; className?: string }) {
  const { word, tone, icon: Icon, spins } = statusLook(status);
  return (
    <Icon
      role="img"
      aria-label={word}
      className={cn("size-4 shrink-0", toneClasses[tone].text, spins && "animate-spin [animation-duration:1.6s]", className)}
    />
  );
}

const priorities: Record<string, { icon: LucideIcon; colour: string }> = {
  Critical: { icon: ChevronsUp, colour: "text-fail-text" },
  High: { icon: ChevronUp, colour: "text-retry-text" },
  Medium: { icon: Equal, colour: "text-ink-3" },
  Low: { icon: ChevronDown, colour: "text-ink-3" },
};

export function PriorityMark({ priority, className }: { priority: string; className?: string }) {
  const { icon: Icon, colour } = priorities[priority] ?? priorities.Medium!;
  return (
    <span className={cn("inline-flex items-center gap-1 whitespace-nowrap align-middle text-sm text-ink-2", className)}>
      <Icon className={cn("size-4", colour)} aria-hidden />
      {priority}
    </span>
  );
}
