import { Briefcase, FileUp, Plus, SearchX } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Job } from "@/api/types";
import { CodeBlock } from "@/components/Code";
import { NewPill } from "@/components/NewPill";
import { useFeedback } from "@/components/Feedback";
import { LoadMore, PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { Button } from "@/components/ui/button";
import { useRowKeys } from "@/hooks/useHotkey";
import { isStringList, useStored } from "@/hooks/useStored";
import { useMediaQuery } from "@/hooks/useMediaQuery";
import { useTitle } from "@/hooks/useTitle";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";
import { BulkBar } from "./BulkBar";
import { FilterMenus, SearchBox, StatusFilter, TagFilter } from "./JobFilters";
import { JobCards, JobTable } from "./JobList";
import { ListTools } from "./ListTools";
import { useCounts } from "./useCounts";
import { isUnderWay, useJobActions } from "./useJobActions";
import { useJobQuery } from "./useJobQuery";
import { useLiveJobs } from "./useLiveJobs";
import { useRecentRuns } from "./useRecentRuns";
import { useSelection } from "./useSelection";

const t = strings.jobs;

/** The list's news for those who cannot see it: endings only, the last one of a batch. */
function useSpokenEndings() {
  const { announce } = useFeedback();
  useLiveEvents((events) => {
    const ending = events.filter(({ type }) => type === "run.completed" || type === "run.failed").at(-1);
    if (ending?.data.job_name && ending.data.status) announce(t.nowStatus(ending.data.job_name, ending.data.status));
  });
}

export function Component() {
  useTitle(t.title);
  const { query, change, clear, filtered } = useJobQuery();
  const navigate = useNavigate();
  const list = useLiveJobs(query);
  const counts = useCounts();
  const wide = useMediaQuery("(min-width: 768px)");
  const actions = useJobActions({ onJob: list.put, onDeleted: list.drop });
  const onTag = useCallback((tag: string) => change({ tag }), [change]);
  const selection = useSelection();
  const [hidden, setHidden] = useStored<string[]>("columns", ["created"], isStringList);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const onNear = useCallback((jobs: readonly Job[]) => setSeen((known) => (jobs.every(({ job_id }) => known.has(job_id)) ? known : new Set([...known, ...jobs.map(({ job_id }) => job_id)]))), []);
  const looked = useMemo(() => list.items?.filter(({ job_id }) => seen.has(job_id)), [list.items, seen]);
  const recent = useRecentRuns(wide && !hidden.includes("recent"), looked);
  const rowJob = (row: HTMLElement) => list.items?.find(({ job_id }) => job_id === row.dataset.job);
  useRowKeys("[data-job]", {
    e: (row) => void navigate(`/jobs/${row.dataset.job}/edit`),
    r: (row) => {
      const job = rowJob(row);
      if (job && !isUnderWay(job)) void actions.askRun(job);
    },
  });
  useSpokenEndings();

  const { items, error } = list;
  const List = wide ? JobTable : JobCards;

  return (
    <PageBody wide>
      <PageHeader
        title={t.title}
        actions={
          <>
            <Button asChild>
              <Link to="/jobs/import">
                <FileUp aria-hidden />
                {strings.schedules.import.open}
              </Link>
            </Button>
            <Button variant="primary" asChild>
              <Link to="/jobs/new">
                <Plus aria-hidden />
                {t.newJob}
              </Link>
            </Button>
          </>
        }
      />
      <div className="mb-3 flex flex-col gap-2.5">
        <StatusFilter query={query} change={change} counts={counts} />
        <div className="flex flex-wrap items-center gap-2">
          <SearchBox query={query} change={change} />
          <FilterMenus query={query} change={change} />
          <ListTools query={query} hidden={hidden} onHidden={setHidden} />
        </div>
        {query.tag ? (
          <div>
            <TagFilter query={query} change={change} />
          </div>
        ) : null}
      </div>

      {list.fresh > 0 && items ? <NewPill label={t.showNew(list.fresh)} onClick={list.showFresh} /> : null}

      <section className="panel overflow-hidden" aria-busy={list.loading || undefined}>
        {error && !items ? (
          <ErrorState problem={error} onRetry={list.reload} />
        ) : !items ? (
          <LoadingRows rows={8} />
        ) : items.length === 0 ? (
          filtered ? (
            <Message icon={SearchX} title={t.noMatchTitle} actions={<Button onClick={clear}>{t.clearFilters}</Button>}>
              {t.noMatchText}
            </Message>
          ) : (
            <FirstJob />
          )
        ) : (
          <div className={cn("transition-opacity", list.loading && "opacity-80")}>
            <List jobs={items} deleted={list.deleted} actions={actions} onTag={onTag} hidden={hidden} selection={selection} recent={recent} onSelect={selection.toggle} onNear={onNear} />
            <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
          </div>
        )}
      </section>
      <BulkBar selection={selection} query={query} total={filtered ? (list.hasMore ? Infinity : items?.length) : counts?.total} onDone={list.reload} />
    </PageBody>
  );
}

function FirstJob() {
  const curl = `curl -X POST ${location.origin}/api/v1/jobs \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d '{"job_name": "My first job", "run": true}'`;
  return (
    <Message
      icon={Briefcase}
      title={t.emptyTitle}
      className="max-w-xl"
      actions={
        <Button variant="primary" asChild>
          <Link to="/jobs/new">
            <Plus aria-hidden />
            {t.newJob}
          </Link>
        </Button>
      }
    >
      <p>{t.emptyText}</p>
      <CodeBlock text={curl} label="curl" className="mt-5 text-left" />
    </Message>
  );
}
