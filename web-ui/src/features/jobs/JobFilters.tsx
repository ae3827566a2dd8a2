import { ArrowDownUp, Search, SignalHigh, Tag, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { JobQuery } from "@/api/jobs";
import type { Counts } from "@/api/types";
import { PriorityMark } from "@/components/StatusBadge";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Input } from "@/components/ui/input";
import { cn } from "@/lib/cn";
import { formatNumber } from "@/lib/format";
import { JOB_STATUSES, PRIORITIES, statusLook, toneClasses } from "@/lib/status";
import { strings } from "@/lib/strings";
import { DEFAULT_SORT, readTokens } from "./useJobQuery";

const t = strings.jobs;
const TYPING_MS = 250;

interface FilterProps {
  query: JobQuery;
  change: (changes: Partial<JobQuery>, options?: { replace?: boolean }) => void;
}

const toggled = (list: string[] | undefined, word: string): string[] | undefined => {
  const next = list?.includes(word) ? list.filter((known) => known !== word) : [...(list ?? []), word];
  return next.length > 0 ? next : undefined;
};

/** The statuses with their counts; any number of them may be on. */
export function StatusFilter({ query, change, counts }: FilterProps & { counts: Counts | undefined }) {
  const chip = "focus-inset flex h-8 shrink-0 items-center gap-1.5 rounded-lg px-2.5 text-sm font-medium transition-colors [&_svg]:size-3.5";
  const on = "bg-surface text-ink shadow-1 ring-1 ring-line-strong dark:bg-surface-3";
  const off = "text-ink-2 hover:bg-surface-3 hover:text-ink";
  return (
    <div role="group" aria-label={t.filterStatus} className="-mx-1 flex gap-1 overflow-x-auto px-1 py-1 [scrollbar-width:none]">
      <button type="button" aria-pressed={!query.status} onClick={() => change({ status: undefined })} className={cn(chip, query.status ? off : on)}>
        {t.all}
        <span className="tnum text-xs text-ink-3">{counts ? formatNumber(counts.total) : ""}</span>
      </button>
      {JOB_STATUSES.map((status) => {
        const { icon: Icon, tone } = statusLook(status);
        const active = query.status?.includes(status) ?? false;
        return (
          <button
            key={status}
            type="button"
            aria-pressed={active}
            onClick={() => change({ status: toggled(query.status, status) })}
            className={cn(chip, active ? on : off)}
          >
            <Icon className={toneClasses[tone].text} aria-hidden />
            {status}
            <span className="tnum text-xs text-ink-3">{counts ? formatNumber(counts[status] ?? 0) : ""}</span>
          </button>
        );
      })}
    </div>
  );
}

/** Searches while typing, without a history entry per letter. */
export function SearchBox({ query, change }: FilterProps) {
  const [text, setText] = useState(query.q ?? "");
  const sent = useRef(query.q ?? "");
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(query);
  useEffect(() => {
    latest.current = query;
  });

  useEffect(() => {
    // The address changed from outside (back, a link): follow it, but do not overwrite what is being typed.
    const now = query.q ?? "";
    if (now !== sent.current) {
      sent.current = now;
      setText(now);
    }
  }, [query.q]);

  useEffect(() => {
    const trimmed = text.trim();
    if (trimmed === sent.current) return;
    const timer = window.setTimeout(() => {
      const changes = readTokens(trimmed, latest.current);
      sent.current = changes.q ?? "";
      // A token that became a filter leaves the text.
      if (sent.current !== trimmed) setText(sent.current);
      change(changes, { replace: true });
    }, /\b(status|priority|tag):\S*$/i.test(trimmed) ? TYPING_MS * 4 : TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [text, change]);

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
        aria-label={t.search}
        placeholder={t.searchHint}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="pl-9 pr-8 [&::-webkit-search-cancel-button]:hidden"
      />
      {text ? (
        <button type="button" aria-label={t.clearFilters} onClick={() => setText("")} className="absolute inset-y-1.5 right-1.5 grid w-6 place-items-center rounded-md text-ink-3 hover:bg-surface-3 hover:text-ink">
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

export function FilterMenus({ query, change }: FilterProps) {
  const sort = query.sort ?? DEFAULT_SORT;
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button className="flex-1 sm:flex-none">
            <SignalHigh className="text-ink-3" aria-hidden />
            {query.priority ? query.priority.join(", ") : t.priority}
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          {PRIORITIES.map((priority) => (
            <DropdownMenuCheckboxItem
              key={priority}
              checked={query.priority?.includes(priority) ?? false}
              onSelect={(event) => event.preventDefault()}
              onCheckedChange={() => change({ priority: toggled(query.priority, priority) })}
            >
              <PriorityMark priority={priority} className="text-ink" />
            </DropdownMenuCheckboxItem>
          ))}
        </DropdownMenuContent>
      </DropdownMenu>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button className="flex-1 sm:flex-none">
            <ArrowDownUp className="text-ink-3" aria-hidden />
            {t.sorts[sort as keyof typeof t.sorts]}
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuRadioGroup value={sort} onValueChange={(value) => change({ sort: value })}>
            {Object.entries(t.sorts).map(([value, label]) => (
              <DropdownMenuRadioItem key={value} value={value}>
                {label}
              </DropdownMenuRadioItem>
            ))}
          </DropdownMenuRadioGroup>
        </DropdownMenuContent>
      </DropdownMenu>
    </>
  );
}

export function TagFilter({ query, change }: FilterProps) {
  if (!query.tag) return null;
  return (
    <span className="inline-flex h-7 items-center gap-1.5 rounded-md bg-accent-soft pl-2 pr-1 text-sm font-medium text-accent-text">
      <Tag className="size-3.5" aria-hidden />
      {t.tagFilter(query.tag)}
      <button type="button" aria-label={t.removeTagFilter} onClick={() => change({ tag: undefined })} className="grid size-5 place-items-center rounded hover:bg-surface/60">
        <X className="size-3.5" aria-hidden />
      </button>
    </span>
  );
}
