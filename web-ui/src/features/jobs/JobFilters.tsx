import { ArrowDownUp, SignalHigh, Tag } from "lucide-react";
import type { JobQuery } from "@/api/jobs";
import type { Counts } from "@/api/types";
import { FilterChip } from "@/components/FilterChip";
import { PriorityMark } from "@/components/StatusBadge";
import { StatusChips, toggled } from "@/components/StatusChips";
import { TokenSearch } from "@/components/TokenSearch";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { formatNumber } from "@/lib/format";
import { JOB_STATUSES, PRIORITIES } from "@/lib/status";
import { strings } from "@/lib/strings";
import { DEFAULT_SORT, readTokens } from "./useJobQuery";

const t = strings.jobs;

interface FilterProps {
  query: JobQuery;
  change: (changes: Partial<JobQuery>, options?: { replace?: boolean }) => void;
}

/** The statuses with their counts; any number of them may be on. */
export function StatusFilter({ query, change, counts }: FilterProps & { counts: Counts | undefined }) {
  return (
    <StatusChips
      label={t.filterStatus}
      allLabel={t.all}
      statuses={JOB_STATUSES}
      chosen={query.status}
      count={(status) => (counts ? formatNumber(status ? (counts[status as keyof Counts] ?? 0) : counts.total) : "")}
      onChange={(status) => change({ status })}
    />
  );
}

const TOKEN = /\b(status|priority|tag):\S*$/i;

export function SearchBox({ query, change }: FilterProps) {
  const onText = (text: string) => {
    const changes = readTokens(text, query);
    change(changes, { replace: true });
    return changes.q ?? "";
  };
  return <TokenSearch value={query.q ?? ""} label={t.search} placeholder={t.searchHint} clearLabel={t.clearFilters} token={TOKEN} onText={onText} />;
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
    <FilterChip icon={Tag} removeLabel={t.removeTagFilter} onRemove={() => change({ tag: undefined })}>
      {t.tagFilter(query.tag)}
    </FilterChip>
  );
}
