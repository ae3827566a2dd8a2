import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { toneClasses, type Tone } from "@/lib/status";

export function Badge({ tone = "off", className, ...props }: ComponentProps<"span"> & { tone?: Tone }) {
  return (
    <span
      className={cn(
        "inline-flex h-[22px] align-middle max-w-full items-center gap-1 whitespace-nowrap rounded-md px-1.5 text-xs font-medium [&_svg]:size-3.5 [&_svg]:shrink-0",
        toneClasses[tone].badge,
        className,
      )}
      {...props}
    />
  );
}
