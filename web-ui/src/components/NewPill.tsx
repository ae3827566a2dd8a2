import { ArrowUp } from "lucide-react";

/** New rows wait here until they are asked for: nothing moves under the pointer. */
export function NewPill({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <div className="sticky top-16 z-20 -mb-1 flex justify-center lg:top-4">
      <button
        type="button"
        onClick={onClick}
        data-fresh
        className="mb-3 inline-flex h-8 animate-slide-up items-center gap-1.5 rounded-full bg-accent px-3.5 text-sm font-medium text-accent-ink shadow-2 hover:bg-accent-hover"
      >
        <ArrowUp className="size-4" aria-hidden />
        {label}
      </button>
    </div>
  );
}
