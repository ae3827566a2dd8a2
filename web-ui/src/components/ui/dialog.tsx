import { X } from "lucide-react";
import { Dialog as DialogPrimitive } from "radix-ui";
import { useState, type ComponentProps, type ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Button } from "./button";
import { LayerContext } from "./layer";

export const Dialog = DialogPrimitive.Root;
export const DialogTrigger = DialogPrimitive.Trigger;
export const DialogClose = DialogPrimitive.Close;
export const DialogTitle = DialogPrimitive.Title;
export const DialogDescription = DialogPrimitive.Description;

/**
 * Not Radix' Overlay: that one locks scrolling through an injected <style> element, which the
 * Content-Security-Policy blocks. `data-scroll-lock` does the same by a rule in index.css.
 */
export function Scrim() {
  return <div data-scroll-lock className="fixed inset-0 z-40 animate-fade-in bg-scrim" aria-hidden />;
}

interface DialogContentProps extends Omit<ComponentProps<typeof DialogPrimitive.Content>, "title"> {
  title: ReactNode;
  description?: ReactNode;
  footer?: ReactNode;
}

export function DialogContent({ title, description, footer, className, children, ...props }: DialogContentProps) {
  return (
    <DialogPrimitive.Portal>
      <Scrim />
      <DialogPrimitive.Content
        {...(description ? {} : { "aria-describedby": undefined })}
        className={cn(
          "fixed inset-x-3 bottom-3 z-50 flex max-h-[calc(100dvh-1.5rem)] animate-slide-up flex-col overflow-hidden rounded-2xl border border-line bg-surface shadow-3 outline-none sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:top-[6vh] sm:max-h-[88vh] sm:w-full sm:max-w-lg sm:-translate-x-1/2 sm:animate-fade-in",
          className,
        )}
        {...props}
      >
        <div className="flex items-start justify-between gap-4 px-5 pb-1 pt-5">
          <div className="min-w-0">
            <DialogPrimitive.Title className="text-lg font-semibold text-ink">{title}</DialogPrimitive.Title>
            {description ? (
              <DialogPrimitive.Description asChild>
                <div className="mt-1 text-sm text-ink-2">{description}</div>
              </DialogPrimitive.Description>
            ) : null}
          </div>
          <DialogPrimitive.Close asChild>
            <Button variant="ghost" size="iconSm" aria-label="Close" className="-mr-1.5 -mt-1">
              <X aria-hidden />
            </Button>
          </DialogPrimitive.Close>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5 pt-3">{children}</div>
        {footer ? (
          <div className="flex flex-wrap justify-end gap-2 border-t border-line bg-surface-2 px-5 py-3">{footer}</div>
        ) : null}
      </DialogPrimitive.Content>
    </DialogPrimitive.Portal>
  );
}

/** A panel from the left: the navigation on a phone. */
export function Drawer({ title, className, children, ...props }: Omit<ComponentProps<typeof DialogPrimitive.Content>, "title"> & { title: string }) {
  const [layer, setLayer] = useState<HTMLElement | null>(null);
  return (
    <DialogPrimitive.Portal>
      <Scrim />
      <DialogPrimitive.Content
        aria-describedby={undefined}
        className={cn(
          "fixed inset-y-0 left-0 z-50 flex w-[min(19rem,86vw)] animate-slide-in flex-col border-r border-line bg-canvas shadow-3 outline-none",
          className,
        )}
        {...props}
      >
        <DialogPrimitive.Title className="sr-only">{title}</DialogPrimitive.Title>
        <LayerContext value={layer}>{children}</LayerContext>
        <div ref={setLayer} />
      </DialogPrimitive.Content>
    </DialogPrimitive.Portal>
  );
}
