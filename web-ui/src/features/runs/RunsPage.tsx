import { Pause, Play, SearchX, X } from "lucide-react";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { getJob, type RunQuery } from "@/api/jobs";
import { NewPill } from "@/components/NewPill";
import { LoadMore, PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { Button } from "@/components/ui/button";
import { useHotkey, useRowKeys } from "@/hooks/useHotkey";
import { useResource } from "@/hooks/useResource";
import { useTitle } from "@/hooks/useTitle";
import { cn } from "@/lib/cn";
import { RUN_STATUSES, statusLook, toneClasses } from "@/lib/status";
import { strings } from "@/lib/strings";
import { RunList } from "./RunList";
import { useLiveRuns } from "./useLiveRuns";

const t = strings.runs;

/** Status words of the address that are none are left out. */
export function runQueryFrom(params: URLSearchParams): RunQuery {
  const status = [...new Set(params.getAll("status"))].filter((word) => (RUN_STATUSES as readonly string[]).includes(word));
  const job = params.get("job_id");
  return { ...(status.length > 0 ? { status } : {}), ...(job ? { job_id: job } : {}) };
}

export function Component() {
  useTitle(t.all);
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const query = useMemo(() => runQueryFrom(new URLSearchParams(text)), [text]);
  const [paused, setPaused] = useState(false);
  const list = useLiveRuns(query, paused);
  const job = useResource(query.job_id ? `job/${query.job_id}` : null, (signal) => getJob(query.job_id ?? "", signal));
  useHotkey(".", () => setPaused((known) => !known));
  useRowKeys("[data-run]");
  const { items, error } = list;

  const change = (next: RunQuery) => {
    const made = new URLSearchParams();
    next.status?.forEach((word) => made.append("status", word));
    if (next.job_id) made.set("job_id", next.job_id);
    setParams(made, { preventScrollReset: true });
  };
  const toggle = (word: string) => {
    const known = query.status ?? [];
    const status = known.includes(word) ? known.filter((one) => one !== word) : [...known, word];
    change({ ...query, status: status.length > 0 ? status : undefined });
  };
  const chip = "focus-inset flex h-8 shrink-0 items-center gap-1.5 rounded-lg px-2.5 text-sm font-medium transition-colors [&_svg]:size-3.5";
  const on = "bg-surface text-ink shadow-1 ring-1 ring-line-strong dark:bg-surface-3";
  const off = "text-ink-2 hover:bg-surface-3 hover:text-ink";

  return (
    <PageBody>
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
      <div role="group" aria-label={strings.jobs.filterStatus} className="-mx-1 mb-2 flex gap-1 overflow-x-auto px-1 py-1 [scrollbar-width:none]">
        <button type="button" aria-pressed={!query.status} onClick={() => change({ ...query, status: undefined })} className={cn(chip, query.status ? off : on)}>
          {strings.jobs.all}
        </button>
        {RUN_STATUSES.map((word) => {
          const { icon: Icon, tone } = statusLook(word);
          const active = query.status?.includes(word) ?? false;
          return (
            <button key={word} type="button" aria-pressed={active} onClick={() => toggle(word)} className={cn(chip, active ? on : off)}>
              <Icon className={toneClasses[tone].text} aria-hidden />
              {word}
            </button>
          );
        })}
      </div>
      {query.job_id ? (
        <p className="mb-3 inline-flex h-7 items-center gap-1.5 rounded-md bg-accent-soft pl-2 pr-1 text-sm font-medium text-accent-text">
          {t.ofJob(job.data?.job_name ?? "…")}
          <button type="button" aria-label={t.allJobs} onClick={() => change({ ...query, job_id: undefined })} className="grid size-5 place-items-center rounded hover:bg-surface/60">
            <X className="size-3.5" aria-hidden />
          </button>
        </p>
      ) : null}
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
        ) : items.length === 0 && (query.status || query.job_id) ? (
          <Message icon={SearchX} title={t.noMatchTitle} actions={<Button onClick={() => change({})}>{strings.jobs.clearFilters}</Button>} />
        ) : (
          <RunList runs={items} jobs />
        )}
        <LoadMore hasMore={list.hasMore} busy={list.loadingMore} failed={list.moreError !== null} onClick={list.loadMore} />
      </section>
    </PageBody>
  );
}
