import { X, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface FilterChipProps {
  children: ReactNode;
  icon?: LucideIcon;
  removeLabel: string;
  onRemove: () => void;
}

/** A filter that holds, and its way out. */
export function FilterChip({ children, icon: Icon, removeLabel, onRemove }: FilterChipProps) {
  return (
    <span className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-md bg-accent-soft pl-2 pr-1 text-sm font-medium text-accent-text" data-filter>
      {Icon ? <Icon className="size-3.5 shrink-0" aria-hidden /> : null}
      <span className="truncate">{children}</span>
      <button type="button" aria-label={removeLabel} onClick={onRemove} className="grid size-5 shrink-0 place-items-center rounded hover:bg-surface/60">
        <X className="size-3.5" aria-hidden />
      </button>
    </span>
  );
}
