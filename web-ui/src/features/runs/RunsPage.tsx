import { Pause, Play, SearchX } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { NewPill } from "@/components/NewPill";
import { LoadMore, PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusChips } from "@/components/StatusChips";
import { Button } from "@/components/ui/button";
import { useHotkey, useRowKeys } from "@/hooks/useHotkey";
import { useTitle } from "@/hooks/useTitle";
import { serverNow } from "@/lib/clock";
import { RUN_STATUSES } from "@/lib/status";
import { strings } from "@/lib/strings";
import { RunFilterBar } from "./RunFilterBar";
import { RunFilterChips } from "./RunFilterChips";
import { RunList } from "./RunList";
import { filtersFrom, isFiltered, paramsFrom, queryOf, type RunFilters } from "./runQuery";
import { useLiveRuns } from "./useLiveRuns";

const t = strings.runs;

/** Runs of all jobs. The filters live in the address: back works, and a reload or a shared link shows the same. */
export function Component() {
  useTitle(t.all);
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const filters = useMemo(() => filtersFrom(new URLSearchParams(text)), [text]);
  const query = useMemo(() => queryOf(filters, serverNow()), [filters]);
  const [paused, setPaused] = useState(false);
  const list = useLiveRuns(query, paused);
  useHotkey(".", () => setPaused((known) => !known));
  useRowKeys("[data-run]");
  const { items, error } = list;
  const change = useCallback((next: RunFilters, { replace = false }: { replace?: boolean } = {}) => setParams(paramsFrom(next), { replace, preventScrollReset: true }), [setParams]);

  return (
    <PageBody wide>
      <PageHeader
        title={t.all}
        description={t.allText}
        actions={
          <Button aria-pressed={paused} onClick={() => setPaused((known) => !known)} title={t.pauseHint}>
            {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
            {paused ? t.resumeLive : t.pauseLive}
          </Button>
        }
      />
      <div className="mb-3 flex flex-col gap-2.5">
        <StatusChips label={strings.jobs.filterStatus} allLabel={strings.jobs.all} statuses={RUN_STATUSES} chosen={filters.status} onChange={(status) => change({ ...filters, status })} />
        <RunFilterBar filters={filters} change={change} />
        <RunFilterChips filters={filters} change={change} />
      </div>
      {paused ? (
        <p role="status" className="mb-3 rounded-lg bg-wait-soft px-3.5 py-2 text-sm text-wait-text" data-paused>
          {t.livePaused}
        </p>
      ) : null}
      {list.fresh > 0 && items ? <NewPill label={t.showNew(list.fresh)} onClick={list.showFresh} /> : null}
      <section className="panel overflow-hidden" aria-busy={list.loading || undefined}>
        {error && !items ? (
          <ErrorState problem={error} onRetry={list.reload} />
        ) : !items ? (
          <LoadingRows rows={8} />
        ) : items.length === 0 && isFiltered(filters) ? (
          <Message icon={SearchX} title={t.noMatchTitle} actions={<Button onClick={() => change({})}>{strings.jobs.clearFilters}</Button>}>
            {t.noMatchText}
          </Message>
        ) : (
          <RunList runs={items} jobs />
        )}
        <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
      </section>
    </PageBody>
  );
}
