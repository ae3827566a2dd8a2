import { memo } from "react";
import { Link } from "react-router";
import type { Job } from "@/api/types";
import { PriorityMark, StatusBadge } from "@/components/StatusBadge";
import { TimeAgo } from "@/components/Time";
import { Table, Td, Th } from "@/components/ui/table";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";
import { JobRowActions } from "./JobActionMenu";
import { LastRun } from "./LastRun";
import type { JobActions } from "./useJobActions";

const t = strings.jobs;

interface RowProps {
  job: Job;
  deleted: boolean;
  actions: JobActions;
  onTag: (tag: string) => void;
}

interface ListProps {
  jobs: Job[];
  deleted: ReadonlySet<string>;
  actions: JobActions;
  onTag: (tag: string) => void;
}

function Tags({ tags, onTag, max = 3 }: { tags: string[]; onTag: (tag: string) => void; max?: number }) {
  if (tags.length === 0) return null;
  return (
    <span className="flex flex-wrap gap-1">
      {tags.slice(0, max).map((tag) => (
        <button
          key={tag}
          type="button"
          title={t.filterTag}
          onClick={() => onTag(tag)}
          className="relative z-10 rounded border border-line bg-surface-2 px-1.5 text-2xs leading-[18px] text-ink-2 hover:border-line-strong hover:text-ink"
        >
          {tag}
        </button>
      ))}
      {tags.length > max ? <span className="text-2xs leading-[20px] text-ink-3">+{tags.length - max}</span> : null}
    </span>
  );
}

const Row = memo(function Row({ job, deleted, actions, onTag }: RowProps) {
  return (
    <tr className={cn("group transition-colors hover:bg-surface-2", deleted && "opacity-60")} data-job={job.job_id} data-status={job.status}>
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
          <Tags tags={job.tags} onTag={onTag} />
        </div>
        {job.description ? <p className="truncate text-xs text-ink-3">{job.description}</p> : null}
      </Td>
      <Td className="w-[1%]">
        <PriorityMark priority={job.priority} />
      </Td>
      <Td className="w-[1%] min-w-40">
        <LastRun job={job} />
      </Td>
      <Td className="hidden w-[1%] xl:table-cell">
        <TimeAgo at={job.created_at} className="text-ink-3" />
      </Td>
      <Td className="w-[1%] py-1">{deleted ? <span className="text-xs text-ink-3">{t.deletedRow}</span> : <JobRowActions job={job} actions={actions} />}</Td>
    </tr>
  );
});

export function JobTable({ jobs, deleted, actions, onTag }: ListProps) {
  return (
    <Table label={t.list}>
      <thead>
        <tr>
          <Th className="rounded-tl-xl">{t.columns.status}</Th>
          <Th>{t.columns.job}</Th>
          <Th>{t.columns.priority}</Th>
          <Th>{t.columns.lastRun}</Th>
          <Th className="hidden xl:table-cell">{t.columns.created}</Th>
          <Th className="rounded-tr-xl">
            <span className="sr-only">{strings.common.actions}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <Row key={job.job_id} job={job} deleted={deleted.has(job.job_id)} actions={actions} onTag={onTag} />
        ))}
      </tbody>
    </Table>
  );
}

/** The same list for narrow screens. */
export function JobCards({ jobs, deleted, actions, onTag }: ListProps) {
  return (
    <ul aria-label={t.list}>
      {jobs.map((job) => (
        <li key={job.job_id} className={cn("relative flex gap-3 border-b border-line px-4 py-3 last:border-b-0", deleted.has(job.job_id) && "opacity-60")} data-job={job.job_id} data-status={job.status}>
          <div className="min-w-0 flex-1">
            <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <StatusBadge status={job.status} />
              <PriorityMark priority={job.priority} className="text-xs" />
            </div>
            <Link to={`/jobs/${job.job_id}`} className="mt-1.5 block break-words rounded-sm text-base font-medium text-ink after:absolute after:inset-0">
              {job.job_name}
            </Link>
            <p className="mt-0.5 text-xs text-ink-3">
              <LastRun job={job} />
            </p>
            <div className="mt-1.5">
              <Tags tags={job.tags} onTag={onTag} />
            </div>
          </div>
          <div className="relative z-10 -mr-1.5">{deleted.has(job.job_id) ? null : <JobRowActions job={job} actions={actions} />}</div>
        </li>
      ))}
    </ul>
  );
}
