import { CalendarRange, CircleHelp, Zap } from "lucide-react";
import { useState } from "react";
import { TokenSearch } from "@/components/TokenSearch";
import { Button } from "@/components/ui/button";
import { DropdownMenu, DropdownMenuCheckboxItem, DropdownMenuContent, DropdownMenuItem, DropdownMenuRadioGroup, DropdownMenuRadioItem, DropdownMenuSeparator, DropdownMenuTrigger } from "@/components/ui/dropdown-menu";
import { toggled } from "@/components/StatusChips";
import { strings } from "@/lib/strings";
import { REASONS, readTokens, reasonWord, TOKEN, TRIGGERS, WINDOWS, type RunFilters, type Window } from "./runQuery";
import { TimeRangeDialog } from "./TimeRangeDialog";

const t = strings.runs;

export interface FilterProps {
  filters: RunFilters;
  change: (next: RunFilters, options?: { replace?: boolean }) => void;
}

/** What the list of runs can be narrowed to, besides the status. */
export function RunFilterBar({ filters, change }: FilterProps) {
  const [range, setRange] = useState(false);
  const onText = (text: string) => {
    const next = readTokens(text, filters);
    change(next, { replace: true });
    return next.error ?? "";
  };
  const time = filters.within ?? (filters.created_after || filters.created_before ? "between" : "any");
  return (
    <div className="flex flex-wrap items-center gap-2">
      <TokenSearch value={filters.error ?? ""} label={t.search} placeholder={t.searchHint} clearLabel={t.clearSearch} token={TOKEN} onText={onText} />
      <Words icon={<Zap className="text-ink-3" aria-hidden />} label={t.triggerFilter} words={TRIGGERS} nameOf={(word) => t.triggers[word] ?? word} chosen={filters.trigger} onChange={(trigger) => change({ ...filters, trigger })} />
      <Words icon={<CircleHelp className="text-ink-3" aria-hidden />} label={t.reasonFilter} words={REASONS} nameOf={reasonWord} chosen={filters.reason} onChange={(reason) => change({ ...filters, reason })} />
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button className="flex-1 sm:flex-none">
            <CalendarRange className="text-ink-3" aria-hidden />
            {filters.within ? t.windows[filters.within] : time === "between" ? t.between : t.timeFilter}
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuRadioGroup value={time} onValueChange={(value) => change({ ...filters, within: value === "any" ? undefined : (value as Window), created_after: undefined, created_before: undefined })}>
            <DropdownMenuRadioItem value="any">{t.timeFilter}</DropdownMenuRadioItem>
            {(Object.keys(WINDOWS) as Window[]).map((word) => (
              <DropdownMenuRadioItem key={word} value={word}>
                {t.windows[word]}
              </DropdownMenuRadioItem>
            ))}
          </DropdownMenuRadioGroup>
          <DropdownMenuSeparator />
          <DropdownMenuItem onSelect={() => setRange(true)}>{t.between}</DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <TimeRangeDialog open={range} filters={filters} onClose={() => setRange(false)} onChange={(created_after, created_before) => change({ ...filters, within: undefined, created_after, created_before })} />
    </div>
  );
}

interface WordsProps {
  icon: React.ReactNode;
  label: string;
  words: readonly string[];
  nameOf: (word: string) => string;
  chosen: string[] | undefined;
  onChange: (chosen: string[] | undefined) => void;
}

function Words({ icon, label, words, nameOf, chosen, onChange }: WordsProps) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button className="flex-1 sm:flex-none">
          {icon}
          {label}
          {chosen ? <span className="tnum rounded bg-accent-soft px-1.5 text-xs text-accent-text">{chosen.length}</span> : null}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {words.map((word) => (
          <DropdownMenuCheckboxItem key={word} checked={chosen?.includes(word) ?? false} onSelect={(event) => event.preventDefault()} onCheckedChange={() => onChange(toggled(chosen, word))}>
            {nameOf(word)}
          </DropdownMenuCheckboxItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
