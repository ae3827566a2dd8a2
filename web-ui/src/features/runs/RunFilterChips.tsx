import { getJob } from "@/api/jobs";
import { FilterChip } from "@/components/FilterChip";
import { useAuth } from "@/features/auth/AuthProvider";
import { useResource } from "@/hooks/useResource";
import { formatInstant } from "@/lib/format";
import { strings } from "@/lib/strings";
import { toggled } from "@/components/StatusChips";
import type { FilterProps } from "./RunFilterBar";
import { reasonWord } from "./runQuery";

const t = strings.runs;

/** The filters that hold, each with its way out. Statuses have their own row. */
export function RunFilterChips({ filters, change }: FilterProps) {
  const { zone } = useAuth();
  const job = useResource(filters.job_id ? `job/${filters.job_id}` : null, (signal) => getJob(filters.job_id ?? "", signal));
  const [from, to] = [filters.created_after, filters.created_before].map((at) => (at ? formatInstant(at, zone) : undefined));
  const time = from && to ? t.fromTo(from, to) : from ? t.since(from) : to ? t.until(to) : null;
  const chip = (key: string, text: string, without: Partial<typeof filters>, label = t.removeFilter(text)) => (
    <FilterChip key={key} removeLabel={label} onRemove={() => change({ ...filters, ...without })}>
      {text}
    </FilterChip>
  );
  return (
    <div className="flex flex-wrap gap-2 empty:hidden">
      {filters.job_id ? chip("job", t.ofJob(job.data?.job_name ?? "…"), { job_id: undefined }, t.allJobs) : null}
      {filters.trigger?.map((word) => chip(`trigger-${word}`, `${t.triggerFilter}: ${t.triggers[word] ?? word}`, { trigger: toggled(filters.trigger, word) }))}
      {filters.reason?.map((word) => chip(`reason-${word}`, reasonWord(word), { reason: toggled(filters.reason, word) }))}
      {filters.within ? chip("within", t.windows[filters.within], { within: undefined }) : null}
      {time ? chip("time", time, { created_after: undefined, created_before: undefined }) : null}
    </div>
  );
}
