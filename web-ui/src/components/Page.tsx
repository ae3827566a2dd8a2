import { ChevronLeft } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { Link } from "react-router";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";

interface PageHeaderProps {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  trail?: { label: string; to: string }[];
  badge?: ReactNode;
}

export function PageHeader({ title, description, actions, trail, badge }: PageHeaderProps) {
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 max-w-full">
        {trail ? (
          <nav aria-label={strings.common.breadcrumb} className="mb-1 flex items-center gap-1 text-sm text-ink-3">
            <ChevronLeft className="-ml-1 size-3.5 shrink-0" aria-hidden />
            {trail.map((step, index) => (
              <Fragment key={step.to}>
                {index > 0 ? <span aria-hidden>/</span> : null}
                <Link to={step.to} className="min-w-0 truncate rounded-sm hover:text-ink">
                  {step.label}
                </Link>
              </Fragment>
            ))}
          </nav>
        ) : null}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <h1 className="min-w-0 break-words text-2xl font-semibold tracking-[-0.02em] text-ink">{title}</h1>
          {badge}
        </div>
        {description ? <div className="mt-1 text-sm text-ink-2">{description}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </header>
  );
}

/** `wide`: lists and charts, which use what room a large screen has. */
export function PageBody({ children, className, wide = false }: { children: ReactNode; className?: string; wide?: boolean }) {
  return <div className={cn("mx-auto w-full", wide ? "max-w-6xl 2xl:max-w-[100rem]" : "max-w-6xl", "px-4 pb-16 pt-5 sm:px-6 lg:px-8 lg:pt-7", className)}>{children}</div>;
}

export function DescriptionList({ items, className }: { items: { term: ReactNode; value: ReactNode }[]; className?: string }) {
  return (
    <dl className={cn("grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] gap-x-5 gap-y-2.5 text-sm", className)}>
      {items.map((item, index) => (
        <Fragment key={index}>
          <dt className="text-ink-3">{item.term}</dt>
          <dd className="min-w-0 break-words text-ink">{item.value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

interface LoadMoreProps {
  hasMore: boolean;
  busy: boolean;
  failed?: boolean;
  onClick: () => void;
  className?: string;
}

export function LoadMore({ hasMore, busy, failed, onClick, className }: LoadMoreProps) {
  if (!hasMore) return null;
  return (
    <div className={cn("flex items-center justify-center gap-3 border-t border-line p-3", className)}>
      {failed ? <p className="text-sm text-danger-text">{strings.common.loadMoreFailed}</p> : null}
      <Button size="sm" busy={busy} onClick={onClick}>
        {strings.common.loadMore}
      </Button>
    </div>
  );
}
