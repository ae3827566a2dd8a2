import { ArrowUp } from "lucide-react";

/**
 * New rows wait here until they are asked for: nothing moves under the pointer. Not by the pill either, which takes no
 * room and sits on the edge of the list.
 */
export function NewPill({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <div className="sticky top-18 z-20 h-0 lg:top-6">
      <button
        type="button"
        onClick={onClick}
        data-fresh
        className="absolute -top-4 left-1/2 inline-flex h-8 -translate-x-1/2 animate-fade-in items-center gap-1.5 whitespace-nowrap rounded-full bg-accent px-3.5 text-sm font-medium text-accent-ink shadow-2 hover:bg-accent-hover"
      >
        <ArrowUp className="size-4" aria-hidden />
        {label}
      </button>
    </div>
  );
}
