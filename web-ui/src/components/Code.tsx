import { useMemo } from "react";
import { cn } from "@/lib/cn";
import { byteLength, formatBytes } from "@/lib/format";
import { tokenizeJson } from "@/lib/json";
import { strings } from "@/lib/strings";
import { CopyButton } from "./CopyButton";

const colours = {
  key: "text-[var(--code-key)]",
  string: "text-[var(--code-string)]",
  number: "text-[var(--code-number)]",
  atom: "text-[var(--code-atom)]",
  plain: "text-ink-2",
};
const COLOUR_LIMIT = 60_000;

interface CodeBlockProps {
  text: string;
  label: string;
  json?: boolean;
  className?: string;
  showSize?: boolean;
  /** What the button copies, where it is not the text that is shown. */
  copied?: string;
}

export function CodeBlock({ text, label, json = false, className, showSize = false, copied = text }: CodeBlockProps) {
  const tokens = useMemo(() => (json && text.length < COLOUR_LIMIT ? tokenizeJson(text) : null), [json, text]);
  return (
    <div className={cn("relative overflow-hidden rounded-lg border border-line bg-surface-2", className)}>
      <div className="absolute right-0 top-0 z-10 flex items-center gap-2 rounded-bl-md bg-surface-2 py-1.5 pl-1 pr-1.5 text-xs text-ink-3">
        {showSize ? formatBytes(byteLength(text)) : null}
        <CopyButton text={copied} label={strings.common.copyThis(label)} />
      </div>
      {/* A scrolling region must be reachable by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={label} className="focus-inset max-h-96 overflow-auto rounded-lg p-3 pr-10 text-xs leading-5 text-ink-2">
        <code>
          {tokens
            ? tokens.map((token, index) => (
                <span key={index} className={colours[token.kind]}>
                  {token.text}
                </span>
              ))
            : text}
        </code>
      </pre>
    </div>
  );
}

export function JsonBlock({ value, label, empty, className }: { value: unknown; label: string; empty?: string; className?: string }) {
  const text = useMemo(() => JSON.stringify(value ?? null, null, 2), [value]);
  if (empty && (value === null || value === undefined)) return <p className="text-sm text-ink-3">{empty}</p>;
  return <CodeBlock text={text} label={label} json showSize className={className} />;
}

/** A short value in the code face, with a button that copies it. */
export function CopyValue({ text, shown, label }: { text: string; shown?: string; label: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1">
      <code className="min-w-0 truncate text-xs text-ink-2" title={text}>
        {shown ?? text}
      </code>
      <CopyButton text={text} label={strings.common.copyThis(label)} />
    </span>
  );
}
