import { X } from "lucide-react";
import { useRef, useState } from "react";
import type { JobQuery } from "@/api/jobs";
import { asSentence } from "@/api/problem";
import type { Job } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { formatNumber } from "@/lib/format";
import { forEachParallel, type Outcome } from "@/lib/parallel";
import { strings } from "@/lib/strings";
import { BULK_ACTIONS, bulkIcons, bulkWork, type BulkAction } from "./bulkWork";
import { BulkTagDialog } from "./BulkTagDialog";
import { allMatching, type Selection } from "./useSelection";

const t = strings.jobs.bulk;
interface BulkBarProps {
  selection: Selection;
  query: JobQuery;
  total: number | undefined;
  onDone: () => void;
}

interface Progress {
  action: BulkAction;
  total: number;
  outcomes: Outcome<Job>[];
  over: boolean;
}

/** What can be done to all ticked jobs: a few at a time, with a report for each that failed. */
export function BulkBar({ selection, query, total, onDone }: BulkBarProps) {
  const { confirm, failed, announce } = useFeedback();
  const [progress, setProgress] = useState<Progress | null>(null);
  const [gathering, setGathering] = useState(false);
  const [tagging, setTagging] = useState(false);
  const stop = useRef<AbortController | null>(null);
  const count = selection.chosen.size;

  const ask = async (action: BulkAction) => {
    if (action === "tag") return setTagging(true);
    const harmful = action === "delete" || action === "cancel";
    if (await confirm({ title: t.ask[action](formatNumber(count)), description: t.askText[action], confirmLabel: t.actions[action], danger: harmful })) await start(action);
  };
  const start = async (action: BulkAction, tags: readonly string[] = []) => {
    const jobs = [...selection.chosen.values()];
    const controller = new AbortController();
    stop.current = controller;
    setProgress({ action, total: jobs.length, outcomes: [], over: false });
    const outcomes = await forEachParallel(jobs, bulkWork(action, tags), {
      signal: controller.signal,
      onDone: (outcome) => setProgress((known) => (known ? { ...known, outcomes: [...known.outcomes, outcome] } : known)),
    });
    setProgress((known) => (known ? { ...known, over: true } : known));
    announce(t.done(formatNumber(outcomes.filter(({ problem }) => !problem).length), formatNumber(jobs.length)));
    selection.setAll(outcomes.filter(({ problem }) => !problem).map(({ item }) => item), false);
    onDone();
  };
  const everything = async () => {
    setGathering(true);
    try {
      selection.setAll(await allMatching(query), true);
    } catch (error) {
      failed(t.gatherFailed, error);
    } finally {
      setGathering(false);
    }
  };

  return (
    <>
      {count > 0 ? (
        <div role="region" aria-label={t.bar} className="sticky bottom-3 z-20 mx-auto mt-3 flex w-fit max-w-full animate-slide-up flex-wrap items-center gap-1 rounded-xl border border-line bg-surface px-2.5 py-1.5 shadow-3" data-bulk>
          <span className="tnum px-1.5 text-sm font-medium text-ink">{t.selected(formatNumber(count))}</span>
          {total !== undefined && total > count ? (
            <Button size="sm" variant="link" busy={gathering} className="px-1.5" onClick={() => void everything()}>
              {t.all}
            </Button>
          ) : null}
          {BULK_ACTIONS.map((action) => {
            const Icon = bulkIcons[action];
            return (
              <Button key={action} size="sm" variant={action === "delete" ? "dangerGhost" : "ghost"} onClick={() => void ask(action)} className="px-2">
                <Icon aria-hidden />
                <span className="sr-only sm:not-sr-only">{t.actions[action]}</span>
              </Button>
            );
          })}
          <Button size="iconSm" variant="ghost" aria-label={t.clear} onClick={selection.clear}>
            <X aria-hidden />
          </Button>
        </div>
      ) : null}
      <BulkTagDialog
        count={count}
        open={tagging}
        onClose={() => setTagging(false)}
        onTags={(tags) => {
          setTagging(false);
          void start("tag", tags);
        }}
      />
      <Dialog open={progress !== null} onOpenChange={(open) => !open && progress?.over && setProgress(null)}>
        {progress ? (
          <DialogContent
            title={t.title[progress.action]}
            footer={
              progress.over ? (
                <Button variant="primary" onClick={() => setProgress(null)}>
                  {strings.common.close}
                </Button>
              ) : (
                <Button onClick={() => stop.current?.abort()}>{t.stop}</Button>
              )
            }
          >
            <Report progress={progress} />
          </DialogContent>
        ) : null}
      </Dialog>
    </>
  );
}

function Report({ progress }: { progress: Progress }) {
  const { outcomes, total, over } = progress;
  const bad = outcomes.filter(({ problem }) => problem);
  const share = total === 0 ? 100 : (outcomes.length / total) * 100;
  return (
    <div className="flex flex-col gap-3" data-bulk-report={over ? "over" : "under-way"}>
      <div role="progressbar" aria-label={t.bar} aria-valuemin={0} aria-valuemax={total} aria-valuenow={outcomes.length} className="h-2 overflow-hidden rounded-full bg-surface-3">
        <div className="h-full rounded-full bg-run-solid transition-[width]" style={{ width: `${share}%` }} />
      </div>
      <p className="tnum text-sm text-ink-2">
        {t.done(formatNumber(outcomes.length - bad.length), formatNumber(total))}
        {bad.length > 0 ? <span className="text-danger-text"> · {t.failed(formatNumber(bad.length))}</span> : null}
        {over && outcomes.length < total ? <span> · {t.left(formatNumber(total - outcomes.length))}</span> : null}
      </p>
      {bad.length > 0 ? (
        <ul className="max-h-64 overflow-y-auto rounded-lg border border-line">
          {bad.map(({ item, problem }) => (
            <li key={item.job_id} className="border-b border-line px-3 py-2 text-sm last:border-b-0">
              <span className="block truncate font-medium text-ink">{item.job_name}</span>
              <span className="block break-words text-xs text-danger-text">{asSentence(problem?.detail || problem?.title || "")}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
