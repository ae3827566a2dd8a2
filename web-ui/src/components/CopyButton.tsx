import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { copyText } from "@/lib/copy";
import { strings } from "@/lib/strings";

const t = strings.common;

interface CopyButtonProps {
  text: string;
  /** What is copied; read by screen readers, and shown when `withLabel`. */
  label: string;
  withLabel?: boolean;
  className?: string;
}

export function CopyButton({ text, label, withLabel = false, className }: CopyButtonProps) {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = window.setTimeout(() => setState("idle"), 1800);
    return () => window.clearTimeout(timer);
  }, [state]);

  const copy = async () => setState((await copyText(text)) ? "done" : "failed");
  const Icon = state === "done" ? Check : Copy;
  const said = state === "done" ? t.copied : state === "failed" ? t.copyFailed : label;

  if (withLabel) {
    return (
      <Button size="sm" className={className} onClick={() => void copy()}>
        <Icon className={cn(state === "done" && "text-ok-text")} aria-hidden />
        <span aria-live="polite">{said}</span>
      </Button>
    );
  }
  return (
    <button
      type="button"
      onClick={() => void copy()}
      title={said}
      aria-label={said}
      className={cn("inline-grid size-6 shrink-0 place-items-center rounded-md text-ink-3 transition-colors hover:bg-surface-3 hover:text-ink", className)}
    >
      <Icon className={cn("size-3.5", state === "done" && "text-ok-text")} aria-hidden />
    </button>
  );
}
