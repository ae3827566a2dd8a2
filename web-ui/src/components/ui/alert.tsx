import { CircleAlert, CircleCheck, Info, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const looks: Record<"info" | "warn" | "error" | "ok", { box: string; icon: LucideIcon }> = {
  info: { box: "bg-run-soft text-run-text", icon: Info },
  warn: { box: "bg-wait-soft text-wait-text", icon: TriangleAlert },
  error: { box: "bg-danger-soft text-danger-text", icon: CircleAlert },
  ok: { box: "bg-ok-soft text-ok-text", icon: CircleCheck },
};

interface AlertProps {
  tone?: keyof typeof looks;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  className?: string;
  /** Read out at once when it appears. */
  live?: boolean;
}

export function Alert({ tone = "info", title, children, actions, className, live }: AlertProps) {
  const { box, icon: Icon } = looks[tone];
  return (
    <div
      role={live ? "alert" : undefined}
      data-form-problem={tone === "error" ? "" : undefined}
      tabIndex={tone === "error" ? -1 : undefined}
      className={cn("flex gap-2.5 rounded-lg px-3.5 py-3 text-sm outline-none", box, className)}
    >
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1">
        {title ? <p className="font-medium">{title}</p> : null}
        {children ? <div className={cn(title ? "mt-0.5" : "", "break-words")}>{children}</div> : null}
        {actions ? <div className="mt-2 flex flex-wrap gap-2">{actions}</div> : null}
      </div>
    </div>
  );
}
