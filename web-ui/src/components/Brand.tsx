import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";

export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={cn("size-7 shrink-0", className)} aria-hidden>
      <rect width="32" height="32" rx="8.5" className="fill-accent" />
      <g fill="none" stroke="#fff" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round">
        <path d="M16 9.2v7l4.6 3" />
        <path d="M25 16a9 9 0 1 1-3.2-6.9" />
      </g>
    </svg>
  );
}

export function Brand({ className }: { className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-2.5 text-base font-semibold tracking-[-0.015em] text-ink", className)}>
      <BrandMark />
      {strings.common.product}
    </span>
  );
}
