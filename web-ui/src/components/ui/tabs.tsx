import { Tabs as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export const Tabs = Primitive.Root;

export function TabsList({ className, ...props }: ComponentProps<typeof Primitive.List>) {
  return <Primitive.List className={cn("relative flex gap-5 overflow-x-auto border-b border-line px-0.5 [scrollbar-width:none]", className)} {...props} />;
}

/** Where the tabs are more than fit, the one that an address opens is in view. */
function showActive(tab: HTMLButtonElement | null): void {
  const row = tab?.parentElement;
  if (row && tab.dataset.state === "active" && tab.offsetLeft + tab.offsetWidth > row.clientWidth) row.scrollLeft = tab.offsetLeft - row.clientWidth / 2;
}

export function TabsTrigger({ className, ...props }: ComponentProps<typeof Primitive.Trigger>) {
  return (
    <Primitive.Trigger
      ref={showActive}
      className={cn(
        "focus-inset relative -mb-px flex h-10 items-center gap-1.5 whitespace-nowrap rounded-t-md border-b-2 border-transparent text-sm font-medium text-ink-3 transition-colors hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink",
        className,
      )}
      {...props}
    />
  );
}

export function TabsContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return <Primitive.Content className={cn("pt-4 outline-none focus-visible:rounded-lg focus-visible:outline-2", className)} {...props} />;
}
