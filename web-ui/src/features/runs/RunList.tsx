import { History } from "lucide-react";
import { memo } from "react";
import { Link } from "react-router";
import { asSentence } from "@/api/problem";
import type { Run } from "@/api/types";
import { ListBlocks, TableBlocks } from "@/components/Blocks";
import { StatusBadge } from "@/components/StatusBadge";
import { LoadingRows, Message } from "@/components/States";
import { Elapsed, TimeAgo } from "@/components/Time";
import { Table, Td, Th } from "@/components/ui/table";
import { BLOCK } from "@/hooks/useBlocks";
import { useMediaQuery } from "@/hooks/useMediaQuery";
import { formatDuration, shortId } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.runs;
const idOf = (run: Run) => run.run_id;

export const triggerWord = (type: string): string => t.triggers[type] ?? type;

/** How long a run took, or has taken until now. */
export function RunDuration({ run }: { run: Run }) {
  if (run.duration_ms !== null && run.finished_at) return <span className="tnum">{formatDuration(run.duration_ms)}</span>;
  if (run.started_at && !run.finished_at) return <Elapsed from={run.started_at} className="text-run-text" />;
  return <span className="text-ink-3">–</span>;
}

/** Memoised, as the rows are: when one of a thousand runs moves on, one is drawn again. */
const RunCard = memo(function RunCard({ run, jobs }: { run: Run; jobs: boolean }) {
  return (
    <li className="relative flex items-center justify-between gap-3 border-b border-line px-4 py-3 text-sm last:border-b-0" data-run={run.run_id}>
      <div className="min-w-0">
        <StatusBadge status={run.status} />
        {jobs ? <p className="mt-1 truncate text-sm font-medium text-ink">{run.job_name}</p> : null}
        <p className="mt-1 truncate text-xs text-ink-3">
          {triggerWord(run.trigger.type)} · <TimeAgo at={run.started_at ?? run.created_at} />
        </p>
        {run.error ? <p className="truncate text-xs text-danger-text">{asSentence(run.error.message)}</p> : null}
      </div>
      <div className="shrink-0 text-right">
        <RunDuration run={run} />
        <Link to={`/runs/${run.run_id}`} className="block font-mono text-xs text-ink-2 after:absolute after:inset-0">
          {shortId(run.run_id)}
        </Link>
      </div>
    </li>
  );
});

const RunRow = memo(function RunRow({ run, jobs }: { run: Run; jobs: boolean }) {
  return (
    <tr className="transition-colors hover:bg-surface-2" data-run={run.run_id}>
      <Td>
        <StatusBadge status={run.status} />
      </Td>
      {jobs ? (
        <Td className="max-w-64">
          <Link to={`/jobs/${run.job_id}`} className="block truncate rounded-sm font-medium text-ink hover:text-accent-text" title={run.job_name}>
            {run.job_name}
          </Link>
        </Td>
      ) : null}
      <Td>
        <Link to={`/runs/${run.run_id}`} className="rounded-sm font-mono text-xs text-ink underline decoration-line-strong underline-offset-4 hover:text-accent-text" title={run.run_id}>
          {shortId(run.run_id)}
        </Link>
        {run.error ? <p className="max-w-64 truncate text-xs text-danger-text">{asSentence(run.error.message)}</p> : null}
      </Td>
      <Td className="whitespace-nowrap">{triggerWord(run.trigger.type)}</Td>
      <Td>
        <TimeAgo at={run.started_at ?? run.created_at} />
      </Td>
      <Td className="text-right">
        <RunDuration run={run} />
      </Td>
      <Td className="tnum whitespace-nowrap text-right">{t.attempt(Math.max(1, run.attempt), run.max_attempts)}</Td>
    </tr>
  );
});

/** `jobs`: of all jobs, so each row says whose run it is. */
export function RunList({ runs, jobs = false }: { runs: Run[] | undefined; jobs?: boolean }) {
  const wide = useMediaQuery("(min-width: 768px)");
  if (!runs) return <LoadingRows rows={3} />;
  if (runs.length === 0) {
    return (
      <Message icon={History} title={t.empty} className="py-10">
        {t.emptyText}
      </Message>
    );
  }
  if (!wide) {
    return (
      <ListBlocks items={runs} idOf={idOf} label={t.list} rowHeight={80}>
        {(run) => <RunCard key={run.run_id} run={run} jobs={jobs} />}
      </ListBlocks>
    );
  }
  return (
    <Table label={t.list} aria-rowcount={runs.length > BLOCK ? runs.length + 1 : undefined}>
      <thead>
        <tr>
          <Th>{t.columns.status}</Th>
          {jobs ? <Th>{t.job}</Th> : null}
          <Th>{t.columns.run}</Th>
          <Th>{t.columns.trigger}</Th>
          <Th>{t.columns.started}</Th>
          <Th className="text-right">{t.columns.duration}</Th>
          <Th className="text-right">{t.columns.attempt}</Th>
        </tr>
      </thead>
      <TableBlocks items={runs} idOf={idOf} rowHeight={43}>
        {(run) => <RunRow key={run.run_id} run={run} jobs={jobs} />}
      </TableBlocks>
    </Table>
  );
}
