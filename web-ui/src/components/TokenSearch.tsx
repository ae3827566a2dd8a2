import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Input } from "@/components/ui/input";

const TYPING_MS = 250;

interface TokenSearchProps {
  /** What the address says; what is being typed may be ahead of it. */
  value: string;
  label: string;
  placeholder: string;
  clearLabel: string;
  /** What is being typed may still become a token: wait for the end of the word. */
  token: RegExp;
  /** Takes what was typed, and answers what of it stays text. */
  onText: (text: string) => string;
}

/** Searches while typing, without a history entry per letter; `/` leads here. */
export function TokenSearch({ value, label, placeholder, clearLabel, token, onText }: TokenSearchProps) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const input = useRef<HTMLInputElement>(null);
  const take = useRef(onText);
  useEffect(() => {
    take.current = onText;
  });

  useEffect(() => {
    // The address changed from outside (back, a link): follow it, but do not overwrite what is being typed.
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);

  useEffect(() => {
    const trimmed = text.trim();
    if (trimmed === sent.current) return;
    const timer = window.setTimeout(() => {
      const stays = take.current(trimmed);
      sent.current = stays;
      // A token that became a filter leaves the text.
      if (stays !== trimmed) setText(stays);
    }, token.test(trimmed) ? TYPING_MS * 4 : TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [text, token]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable], [role=dialog]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  return (
    <div className="relative min-w-0 flex-1 basis-full sm:basis-56">
      <Search className="pointer-events-none absolute left-3 top-1/2 size-4 -translate-y-1/2 text-ink-3" aria-hidden />
      <Input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="pl-9 pr-8 [&::-webkit-search-cancel-button]:hidden"
      />
      {text ? (
        <button type="button" aria-label={clearLabel} onClick={() => setText("")} className="absolute inset-y-1.5 right-1.5 grid w-6 place-items-center rounded-md text-ink-3 hover:bg-surface-3 hover:text-ink">
          <X className="size-3.5" aria-hidden />
        </button>
      ) : (
        <kbd className="pointer-events-none absolute right-2.5 top-1/2 hidden -translate-y-1/2 rounded border border-line px-1.5 text-2xs text-ink-3 sm:block" aria-hidden>
          /
        </kbd>
      )}
    </div>
  );
}
