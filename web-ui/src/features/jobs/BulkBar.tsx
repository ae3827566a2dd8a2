import { X } from "lucide-react";
import { useState } from "react";
import { MOST_IDS, rehearseBulk, startBulk, type BulkOperation, type BulkTarget } from "@/api/bulk";
import type { JobQuery } from "@/api/jobs";
import { useFeedback } from "@/components/Feedback";
import { Button } from "@/components/ui/button";
import { BulkDialog } from "@/features/bulk/BulkDialog";
import { formatNumber } from "@/lib/format";
import { strings } from "@/lib/strings";
import { BULK_ACTIONS, bulkIcons, type BulkAction } from "./bulkActions";
import { BulkTagDialog } from "./BulkTagDialog";
import type { Selection } from "./useSelection";

const t = strings.jobs.bulk;

const targetOf = (selection: Selection): BulkTarget => {
  if (!selection.all) return { ids: [...selection.chosen.keys()] };
  const { status, priority, tag, q } = selection.all;
  return { filter: { status, priority, tag, q } };
};

/** What can be done to all ticked jobs, or to all that match: counted by a rehearsal, asked, then done by the server. */
export function BulkBar({ selection, query, total, onDone }: { selection: Selection; query: JobQuery; total: number | undefined; onDone: () => void }) {
  const { confirm, failed } = useFeedback();
  const [busy, setBusy] = useState(false);
  /** How many jobs matched when all of them were chosen. */
  const [matched, setMatched] = useState<{ count: number; exact: boolean } | null>(null);
  const [tagging, setTagging] = useState(false);
  const [started, setStarted] = useState<BulkOperation | null>(null);
  const count = selection.all ? (matched?.count ?? 0) : selection.chosen.size;
  const shown = selection.all && matched && !matched.exact ? `${formatNumber(count)}+` : formatNumber(count);

  const guarded = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      failed(strings.bulk.startFailed, error);
    } finally {
      setBusy(false);
    }
  };
  const everything = () =>
    guarded(async () => {
      const { status, priority, tag, q } = query;
      const found = await rehearseBulk({ action: "run", target: { filter: { status, priority, tag, q } } });
      setMatched({ count: found.matched, exact: found.matched_exactly });
      selection.chooseAll(query);
    });
  const start = (action: BulkAction, tags?: string[]) =>
    guarded(async () => setStarted(await startBulk({ action, target: targetOf(selection), ...(tags ? { params: { add: tags } } : {}) })));
  const ask = async (action: BulkAction) => {
    if (action === "tag") return setTagging(true);
    const harmful = action === "delete" || action === "cancel";
    if (await confirm({ title: t.ask[action](shown), description: t.askText[action], confirmLabel: t.actions[action], danger: harmful })) await start(action);
  };
  const tooMany = !selection.all && count > MOST_IDS;

  return (
    <>
      {count > 0 ? (
        <div role="region" aria-label={t.bar} className="sticky bottom-3 z-20 mx-auto mt-3 flex w-fit max-w-full animate-slide-up flex-wrap items-center gap-1 rounded-xl border border-line bg-surface px-2.5 py-1.5 shadow-3" data-bulk>
          <span className="flex basis-full items-center gap-1 sm:basis-auto">
            <span className="tnum px-1.5 text-sm font-medium text-ink">{t.selected(shown)}</span>
            {!selection.all && total !== undefined && total > count ? (
              <Button size="sm" variant="link" busy={busy} className="px-1.5" onClick={() => void everything()}>
                {t.all}
              </Button>
            ) : null}
          </span>
          {BULK_ACTIONS.map((action) => {
            const Icon = bulkIcons[action];
            return (
              <Button key={action} size="sm" variant={action === "delete" ? "dangerGhost" : "ghost"} disabled={busy || tooMany} onClick={() => void ask(action)} className="px-2">
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
      {started ? (
        <BulkDialog
          started={started}
          onOver={() => {
            selection.clear();
            onDone();
          }}
          onClose={() => {
            setStarted(null);
            selection.clear();
            onDone();
          }}
        />
      ) : null}
    </>
  );
}
