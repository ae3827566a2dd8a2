import { ChartNoAxesColumn } from "lucide-react";
import type { Run } from "@/api/types";
import { LoadingRows, Message } from "@/components/States";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { RunStrip } from "@/features/runs/RunStrip";
import { formatDuration, formatNumber, formatPercent } from "@/lib/format";
import { strings } from "@/lib/strings";
import { statisticsOf } from "./statistics";

const t = strings.jobs.stats;

/** From the runs that are loaded: the latest fifty, unless more were asked for. */
export function StatisticsTab({ runs }: { runs: Run[] | undefined }) {
  if (!runs) return <LoadingRows className="panel" rows={3} />;
  const found = statisticsOf(runs);
  if (found.ended === 0) {
    return (
      <Card>
        <Message icon={ChartNoAxesColumn} title={t.empty} className="py-10">
          {t.emptyText}
        </Message>
      </Card>
    );
  }
  const figures = [
    [t.success, formatPercent(found.successRate), t.ended(formatNumber(found.completed), formatNumber(found.failed))],
    [t.p50, formatDuration(found.p50), t.p50Hint],
    [t.p95, formatDuration(found.p95), t.longest(formatDuration(found.longest))],
    [t.wait, formatDuration(found.waitP50), t.retried(formatNumber(found.retried))],
  ] as const;
  return (
    <Card>
      <CardHeader title={t.title(formatNumber(found.ended))} description={t.text} />
      <CardBody>
        <dl className="grid grid-cols-2 gap-x-4 gap-y-5 sm:grid-cols-4">
          {figures.map(([term, value, hint]) => (
            <div key={term} className="min-w-0">
              <dt className="text-sm text-ink-2">{term}</dt>
              <dd className="tnum text-2xl font-semibold tracking-[-0.03em] text-ink">{value}</dd>
              <dd className="text-xs text-ink-3">{hint}</dd>
            </div>
          ))}
        </dl>
        {/* As wide as there are runs: the words below stand at both ends of the bars. */}
        <div className="mt-6" style={{ maxWidth: `${Math.max(4, Math.min(50, found.ended)) * 2.125}rem` }}>
          <RunStrip runs={runs.filter((run) => run.finished_at).slice(0, 50)} className="h-24 gap-0.5" />
          <p className="mt-2 flex justify-between text-xs text-ink-3">
            <span>{t.older}</span>
            <span>{t.latest}</span>
          </p>
        </div>
      </CardBody>
    </Card>
  );
}
