import { memo } from "react";
import { Link } from "react-router";
import type { Job, Run } from "@/api/types";
import { ListBlocks, TableBlocks } from "@/components/Blocks";
import { PriorityMark, StatusBadge } from "@/components/StatusBadge";
import { Countdown, TimeAgo } from "@/components/Time";
import { Table, Td, Th } from "@/components/ui/table";
import { Checkbox } from "@/components/ui/toggle";
import { useAuth } from "@/features/auth/AuthProvider";
import { BLOCK } from "@/hooks/useBlocks";
import { RunStrip } from "@/features/runs/RunStrip";
import { scheduleWords } from "@/features/schedules/words";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";
import { JobRowActions } from "./JobActionMenu";
import { LastRun } from "./LastRun";
import type { Column } from "./ListTools";
import type { JobActions } from "./useJobActions";
import type { Selection } from "./useSelection";

const t = strings.jobs;
const idOf = (job: Job) => job.job_id;

interface Shared {
  actions: JobActions;
  onTag: (tag: string) => void;
  hidden: readonly string[];
  onSelect: (job: Job) => void;
}

interface RowProps extends Shared {
  job: Job;
  deleted: boolean;
  selected: boolean;
  recent: Run[] | undefined;
}

interface ListProps extends Shared {
  jobs: Job[];
  deleted: ReadonlySet<string>;
  selection: Selection;
  recent: ReadonlyMap<string, Run[]>;
  /** These have come near the window. */
  onNear: (jobs: readonly Job[]) => void;
}

function PausedMark({ job, className }: { job: Job; className?: string }) {
  if (!job.paused) return null;
  return (
    <span title={job.pause_reason ?? undefined} className={cn("shrink-0", className)} data-paused-mark>
      <StatusBadge status="Paused" />
    </span>
  );
}

function ScheduleShort({ job, className }: { job: Job; className?: string }) {
  const { zone } = useAuth();
  const { text, code } = scheduleWords(job.schedule, zone);
  const title = job.schedule?.type === "cron" ? `${job.schedule.expression}\n${job.schedule.time_zone}` : undefined;
  return code ? (
    <code title={title} className={cn("whitespace-nowrap text-xs", className)}>
      {text}
    </code>
  ) : (
    <span title={title} className={cn("whitespace-nowrap", !job.schedule && "text-ink-3", className)}>
      {text}
    </span>
  );
}

function NextRun({ job }: { job: Job }) {
  if (job.paused) return <PausedMark job={job} />;
  if (!job.next_run_at) return <span className="text-ink-3">–</span>;
  return <Countdown at={job.next_run_at} />;
}

function Tags({ tags, onTag, max = 3, className }: { tags: string[]; onTag: (tag: string) => void; max?: number; className?: string }) {
  if (tags.length === 0) return null;
  return (
    <span className={cn("flex flex-wrap gap-1", className)}>
      {tags.slice(0, max).map((tag) => (
        <button
          key={tag}
          type="button"
          title={t.filterTag}
          onClick={() => onTag(tag)}
          className="relative z-10 shrink-0 whitespace-nowrap rounded border border-line bg-surface-2 px-1.5 text-2xs leading-[18px] text-ink-2 hover:border-line-strong hover:text-ink"
        >
          {tag}
        </button>
      ))}
      {tags.length > max ? <span className="text-2xs leading-[20px] text-ink-3">+{tags.length - max}</span> : null}
    </span>
  );
}

const Row = memo(function Row({ job, deleted, selected, recent, hidden, actions, onTag, onSelect }: RowProps) {
  const has = (column: Column) => !hidden.includes(column);
  return (
    <tr className={cn("group transition-colors hover:bg-surface-2", deleted && "opacity-60", selected && "bg-accent-soft hover:bg-accent-soft")} data-job={job.job_id} data-status={job.status}>
      <Td className="w-[1%] !pr-0">
        <Checkbox checked={selected} disabled={deleted} aria-label={t.bulk.select(job.job_name)} onCheckedChange={() => onSelect(job)} />
      </Td>
      <Td className="w-[1%]">
        <StatusBadge status={job.status} />
      </Td>
      <Td className="max-w-0">
        <div className="flex min-w-0 items-center gap-2.5">
          {deleted ? (
            <span className="truncate font-medium text-ink-2 line-through">{job.job_name}</span>
          ) : (
            <Link to={`/jobs/${job.job_id}`} className="truncate rounded-sm font-medium text-ink hover:text-accent-text" title={job.job_name}>
              {job.job_name}
            </Link>
          )}
          {/* Where there is room for the next run, it stands there. */}
          <PausedMark job={job} className={has("next") ? "lg:hidden" : undefined} />
          {/* The name is what a person looks for: tags give way to it. */}
          <Tags tags={job.tags} onTag={onTag} max={2} className="h-5 min-w-0 shrink-[9999] overflow-hidden before:h-5" />
        </div>
        {job.description ? <p className="truncate text-xs text-ink-3">{job.description}</p> : null}
      </Td>
      {has("priority") ? (
        <Td className="w-[1%]">
          <PriorityMark priority={job.priority} />
        </Td>
      ) : null}
      {has("schedule") ? (
        <Td className="hidden w-[1%] lg:table-cell">
          <ScheduleShort job={job} />
        </Td>
      ) : null}
      {has("next") ? (
        <Td className="hidden w-[1%] lg:table-cell">
          <NextRun job={job} />
        </Td>
      ) : null}
      {has("recent") ? <Td className="hidden w-[1%] xl:table-cell">{recent ? <RunStrip runs={recent} className="w-24 justify-end [&>*]:max-w-1.5" /> : <span className="block w-24" />}</Td> : null}
      {has("last") ? (
        <Td className="w-[1%] min-w-36">
          <LastRun job={job} />
        </Td>
      ) : null}
      {has("created") ? (
        <Td className="hidden w-[1%] xl:table-cell">
          <TimeAgo at={job.created_at} className="text-ink-3" />
        </Td>
      ) : null}
      <Td className="w-[1%] py-1">{deleted ? <span className="text-xs text-ink-3">{t.deletedRow}</span> : <JobRowActions job={job} actions={actions} />}</Td>
    </tr>
  );
});

export function JobTable({ jobs, deleted, selection, recent, hidden, onNear, ...shared }: ListProps) {
  const has = (column: Column) => !hidden.includes(column);
  const ticked = jobs.filter((job) => selection.has(job)).length;
  return (
    <Table label={t.list} aria-rowcount={jobs.length > BLOCK ? jobs.length + 1 : undefined}>
      <thead>
        <tr>
          <Th className="rounded-tl-xl !pr-0">
            <Checkbox checked={ticked === 0 ? false : ticked === jobs.length ? true : "indeterminate"} aria-label={t.bulk.selectPage} onCheckedChange={(on) => selection.setAll(jobs, on === true)} />
          </Th>
          <Th>{t.columns.status}</Th>
          <Th>{t.columns.job}</Th>
          {has("priority") ? <Th>{t.columns.priority}</Th> : null}
          {has("schedule") ? <Th className="hidden lg:table-cell">{t.schedule}</Th> : null}
          {has("next") ? <Th className="hidden lg:table-cell">{t.nextRun}</Th> : null}
          {has("recent") ? <Th className="hidden text-right xl:table-cell">{t.tools.columnNames.recent}</Th> : null}
          {has("last") ? <Th>{t.columns.lastRun}</Th> : null}
          {has("created") ? <Th className="hidden xl:table-cell">{t.columns.created}</Th> : null}
          <Th className="rounded-tr-xl">
            <span className="sr-only">{strings.common.actions}</span>
          </Th>
        </tr>
      </thead>
      <TableBlocks items={jobs} idOf={idOf} rowHeight={57} onNear={onNear}>
        {(job) => (
          <Row key={job.job_id} job={job} deleted={deleted.has(job.job_id)} selected={selection.has(job)} recent={recent.get(job.job_id)} hidden={hidden} {...shared} />
        )}
      </TableBlocks>
    </Table>
  );
}

/** The same list for narrow screens. */
export function JobCards({ jobs, deleted, selection, actions, onTag, onSelect, onNear }: ListProps) {
  return (
    <ListBlocks items={jobs} idOf={idOf} label={t.list} rowHeight={104} onNear={onNear}>
      {(job) => (
        <li key={job.job_id} className={cn("relative flex gap-3 border-b border-line px-4 py-3 last:border-b-0", deleted.has(job.job_id) && "opacity-60")} data-job={job.job_id} data-status={job.status}>
          <Checkbox className="relative z-10 mt-[3px]" checked={selection.has(job)} disabled={deleted.has(job.job_id)} aria-label={t.bulk.select(job.job_name)} onCheckedChange={() => onSelect(job)} />
          <div className="min-w-0 flex-1">
            <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <StatusBadge status={job.status} />
              <PausedMark job={job} />
              <PriorityMark priority={job.priority} className="text-xs" />
            </div>
            <Link to={`/jobs/${job.job_id}`} className="mt-1.5 block break-words rounded-sm text-base font-medium text-ink after:absolute after:inset-0">
              {job.job_name}
            </Link>
            <p className="mt-0.5 text-xs text-ink-3">
              <LastRun job={job} />
            </p>
            {job.schedule ? (
              <p className="flex flex-wrap gap-x-1.5 text-xs text-ink-3">
                <ScheduleShort job={job} />
                {job.next_run_at && !job.paused ? (
                  <span className="whitespace-nowrap">
                    · <Countdown at={job.next_run_at} />
                  </span>
                ) : null}
              </p>
            ) : null}
            <div className="mt-1.5">
              <Tags tags={job.tags} onTag={onTag} />
            </div>
          </div>
          <div className="relative z-10 -mr-1.5">{deleted.has(job.job_id) ? null : <JobRowActions job={job} actions={actions} />}</div>
        </li>
      )}
    </ListBlocks>
  );
}
