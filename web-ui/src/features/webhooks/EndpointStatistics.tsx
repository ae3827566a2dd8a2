import { useEffect, type ReactNode } from "react";
import { useSearchParams } from "react-router";
import { getWebhookStatistics } from "@/api/webhooks";
import type { WebhookStatistics } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Segmented } from "@/components/ui/segmented";
import { Skeleton } from "@/components/ui/skeleton";
import { TimeAgo } from "@/components/Time";
import { useResource } from "@/hooks/useResource";
import { useSettled } from "@/hooks/useSettled";
import { cn } from "@/lib/cn";
import { formatDuration, formatNumber, formatPercent } from "@/lib/format";
import { strings } from "@/lib/strings";
import { useLiveEvents } from "@/live/LiveProvider";

const t = strings.webhooks.statistics;
const AFTER_EVENT_MS = 1500;
/** Below this share of attempts that succeed, somebody should look. */
const POOR = 0.95;

/** How an endpoint is doing. The deliveries below do not wait for it, nor do they move when it comes. */
export function EndpointStatistics({ webhookId, round }: { webhookId: string; round: number }) {
  const [params, setParams] = useSearchParams();
  const window = params.get("window") === "7d" ? "last_7d" : "last_24h";
  const setWindow = (next: typeof window) =>
    setParams(
      (known) => {
        const changed = new URLSearchParams(known);
        if (next === "last_7d") changed.set("window", "7d");
        else changed.delete("window");
        return changed;
      },
      { replace: true, preventScrollReset: true },
    );
  const { data, error, reload } = useResource(`webhook/${webhookId}/statistics`, (signal) => getWebhookStatistics(webhookId, signal));
  useLiveEvents(useSettled(reload, AFTER_EVENT_MS));
  useEffect(() => {
    if (round > 0) reload();
  }, [round, reload]);
  return (
    <section aria-label={t.title} className="mb-5">
      <div className="mb-2 flex items-center justify-between gap-3">
        <h2 className="text-sm font-medium text-ink-2">{t.title}</h2>
        <Segmented<typeof window>
          label={t.window}
          value={window}
          onChange={setWindow}
          options={[
            { value: "last_24h", label: t.day },
            { value: "last_7d", label: t.week },
          ]}
        />
      </div>
      {data ? (
        <Figures data={data} numbers={data[window]} />
      ) : error ? (
        <p className="panel flex flex-wrap items-center gap-x-3 px-4 py-3.5 text-sm text-ink-2">
          {t.unread}
          <Button variant="link" size="inline" className="text-sm" onClick={reload}>
            {strings.errors.retry}
          </Button>
        </p>
      ) : (
        <div role="status" aria-label={strings.common.loading} className="grid grid-cols-2 gap-3 lg:grid-cols-4">
          {Array.from({ length: 4 }, (_, index) => (
            <Skeleton key={index} className="h-[100px] rounded-xl" />
          ))}
        </div>
      )}
    </section>
  );
}

function Figures({ data, numbers }: { data: WebhookStatistics; numbers: WebhookStatistics["last_24h"] }) {
  const rate = numbers.success_rate;
  const pending = formatNumber(data.pending);
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure label={t.delivered} value={formatNumber(numbers.delivered)} hint={t.failed(formatNumber(numbers.failed))} bad={numbers.failed > 0} />
      <Figure label={t.rate} value={formatPercent(rate)} hint={t.attempts(formatNumber(numbers.attempts))} bad={rate !== null && rate < POOR} />
      <Figure label={t.duration} value={formatDuration(numbers.duration_ms.p50)} hint={t.p95(formatDuration(numbers.duration_ms.p95))} />
      <Figure
        label={t.pending}
        value={data.pending_capped ? t.atLeast(pending) : pending}
        hint={data.last_success_at ? <>
              {t.lastSuccess} <TimeAgo at={data.last_success_at} />
            </> : t.noSuccess}
      />
    </div>
  );
}

function Figure({ label, value, hint, bad = false }: { label: string; value: ReactNode; hint: ReactNode; bad?: boolean }) {
  return (
    <div className="panel min-w-0 px-4 py-3.5">
      <p className="text-sm text-ink-2">{label}</p>
      <p className={cn("tnum truncate text-2xl font-semibold tracking-[-0.03em]", bad ? "text-danger-text" : "text-ink")}>{value}</p>
      <p className="tnum truncate text-xs text-ink-3">{hint}</p>
    </div>
  );
}
