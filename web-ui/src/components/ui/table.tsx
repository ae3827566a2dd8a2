import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export function Table({ className, label, ...props }: ComponentProps<"table"> & { label: string }) {
  return (
    <div className="relative w-full overflow-x-auto" role="region" aria-label={label} tabIndex={0}>
      <table className={cn("w-full border-collapse text-sm", className)} {...props} />
    </div>
  );
}

export function Th({ className, ...props }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={cn("h-9 whitespace-nowrap border-b border-line bg-surface-2 px-3 text-left text-xs font-medium text-ink-3 first:pl-4 last:pr-4 sm:first:pl-5 sm:last:pr-5", className)}
      {...props}
    />
  );
}

export function Td({ className, ...props }: ComponentProps<"td">) {
  return (
    <td
      className={cn("border-b border-line px-3 py-2.5 align-middle text-ink-2 first:pl-4 last:pr-4 sm:first:pl-5 sm:last:pr-5 [tbody:last-child>tr:last-child>&]:border-b-0", className)}
      {...props}
    />
  );
}
