import { AlertDialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";
import { Scrim } from "./dialog";

interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: ReactNode;
  confirmLabel: string;
  cancelLabel: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm: () => void;
}

export function ConfirmDialog({ open, onOpenChange, title, description, confirmLabel, cancelLabel, danger, busy, onConfirm }: ConfirmDialogProps) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Scrim />
        <Primitive.Content aria-modal="true" className="fixed inset-x-3 bottom-3 z-50 animate-slide-up overflow-hidden rounded-2xl border border-line bg-surface shadow-3 outline-none sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:top-[22vh] sm:w-full sm:max-w-md sm:-translate-x-1/2 sm:animate-fade-in">
          <div className="px-5 pb-5 pt-5">
            <Primitive.Title className="text-lg font-semibold text-ink">{title}</Primitive.Title>
            <Primitive.Description asChild>
              <div className="mt-1.5 text-sm text-ink-2">{description}</div>
            </Primitive.Description>
          </div>
          <div className="flex justify-end gap-2 border-t border-line bg-surface-2 px-5 py-3">
            <Primitive.Cancel asChild>
              <Button>{cancelLabel}</Button>
            </Primitive.Cancel>
            <Button variant={danger ? "danger" : "primary"} busy={busy} onClick={onConfirm}>
              {confirmLabel}
            </Button>
          </div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
