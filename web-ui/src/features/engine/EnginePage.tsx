import { Server } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { getAdminDashboard, listNodes } from "@/api/jobs";
import { asSentence } from "@/api/problem";
import type { EngineHealth, EngineNode, Spread } from "@/api/engine";
import { DescriptionList, PageBody, PageHeader } from "@/components/Page";
import { ErrorState, LoadingRows, Message } from "@/components/States";
import { StatusBadge } from "@/components/StatusBadge";
import { TimeAgo } from "@/components/Time";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { useAuth } from "@/features/auth/AuthProvider";
import { ForbiddenPage } from "@/features/errors/pages";
import { useResource } from "@/hooks/useResource";
import { useTitle } from "@/hooks/useTitle";
import { cn } from "@/lib/cn";
import { formatDuration, formatNumber } from "@/lib/format";
import { strings } from "@/lib/strings";

const t = strings.engine;
const REFRESH_MS = 5_000;

export function Component() {
  const { user } = useAuth();
  return user?.role === "admin" ? <Engine /> : <ForbiddenPage />;
}

function Engine() {
  useTitle(t.title);
  const health = useResource("engine", getAdminDashboard, { live: true });
  const nodes = useResource("nodes", listNodes, { live: true });
  const { reload: again } = health;
  const { reload: nodesAgain } = nodes;
  useEffect(() => {
    const every = window.setInterval(() => {
      if (document.visibilityState !== "visible") return;
      again();
      nodesAgain();
    }, REFRESH_MS);
    return () => window.clearInterval(every);
  }, [again, nodesAgain]);
  const known = nodes.data ?? health.data?.nodes;

  return (
    <PageBody className="flex flex-col gap-4">
      <div className="-mb-4">
        <PageHeader title={t.title} description={t.text} />
      </div>
      {health.error && !health.data ? (
        <Card>
          <ErrorState problem={health.error} onRetry={health.reload} />
        </Card>
      ) : health.data ? (
        <Health engine={health.data.engine ?? {}} places={known?.filter(({ alive }) => alive).reduce((sum, { concurrency }) => sum + concurrency, 0)} />
      ) : (
        <LoadingRows className="panel" rows={2} />
      )}
      <Card className="overflow-hidden">
        <CardHeader title={t.nodes} description={known ? t.nodesText(known.filter(({ alive }) => alive).length, known.length) : undefined} />
        {nodes.error && !known ? (
          <ErrorState problem={nodes.error} onRetry={nodes.reload} />
        ) : !known ? (
          <LoadingRows rows={2} />
        ) : known.length === 0 ? (
          <Message icon={Server} title={t.noNodes} className="py-8" />
        ) : (
          <ul aria-label={t.nodes}>
            {known.map((node) => (
              <NodeRow key={node.node_id} node={node} />
            ))}
          </ul>
        )}
      </Card>
      {health.data ? <More engine={health.data.engine ?? {}} counts={health.data.counts} /> : null}
    </PageBody>
  );
}

function NodeRow({ node }: { node: EngineNode }) {
  const share = node.concurrency > 0 ? Math.min(1, node.running / node.concurrency) : 0;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-t border-line px-4 py-3 text-sm sm:px-5" data-node={node.name}>
      <span className="w-24">
        <StatusBadge status={node.alive ? "Alive" : node.stopped_at ? "Stopped" : "Silent"} />
      </span>
      <span className="min-w-40 flex-1">
        <span className="block font-medium text-ink">{node.name}</span>
        <span className="block text-xs text-ink-3">
          {t.version(node.version)} · {t.started} <TimeAgo at={node.started_at} /> · {t.seen} <TimeAgo at={node.seen_at} />
        </span>
      </span>
      <span className="w-full sm:w-56">
        <span className="tnum block text-xs text-ink-2">{t.load(formatNumber(node.running), formatNumber(node.concurrency))}</span>
        <span className="mt-1 block h-1.5 overflow-hidden rounded-full bg-surface-3" aria-hidden>
          <span className={cn("block h-full rounded-full", share > 0.9 ? "bg-wait-solid" : "bg-run-solid")} style={{ width: `${share * 100}%` }} />
        </span>
      </span>
    </li>
  );
}

function Figure({ label, value, hint, bad = false }: { label: string; value: ReactNode; hint: ReactNode; bad?: boolean }) {
  return (
    <div className="panel min-w-0 px-4 py-3.5">
      <p className="text-sm text-ink-2">{label}</p>
      <p className={cn("tnum truncate text-2xl font-semibold tracking-[-0.03em]", bad ? "text-danger-text" : "text-ink")}>{value}</p>
      <p className="tnum text-xs text-ink-3">{hint}</p>
    </div>
  );
}

const spread = (value: unknown): Spread | null => (typeof value === "object" && value !== null ? (value as Spread) : null);

function Health({ engine, places }: { engine: EngineHealth; places: number | undefined }) {
  const lag = engine.scheduler_lag_ms;
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure label={t.lag} value={formatDuration(lag?.p99)} hint={lag?.p99 == null ? t.lagNone : t.lagHint(formatDuration(lag.p50), formatDuration(lag.max))} bad={(lag?.p99 ?? 0) > 5000} />
      <Figure
        label={t.queue}
        value={engine.queue_depth_capped === true ? t.atLeast(formatNumber(engine.queue_depth ?? 0)) : formatNumber(engine.queue_depth ?? 0)}
        hint={engine.queue_depth ? t.queueHint(formatDuration((engine.oldest_queued_seconds ?? 0) * 1000)) : t.queueEmpty}
        bad={(engine.oldest_queued_seconds ?? 0) > 300}
      />
      <Figure label={t.running} value={formatNumber(engine.running ?? 0)} hint={places === undefined ? "" : t.runningHint(formatNumber(places))} />
      <Figure label={t.losses} value={formatNumber(engine.lease_losses ?? 0)} hint={t.lossesHint} />
    </div>
  );
}

const SHOWN = ["scheduler_lag_ms", "queue_depth", "queue_depth_capped", "oldest_queued_seconds", "running", "concurrency", "lease_losses"];

function figure(key: string, value: unknown): string {
  const one = spread(value);
  const format = (number: number | null | undefined) => (key.endsWith("_ms") ? formatDuration(number) : key.endsWith("_seconds") ? formatDuration((number ?? 0) * 1000) : number === null || number === undefined ? "–" : formatNumber(number));
  if (one) return Object.entries(one).map(([name, number]) => `${name} ${typeof number === "number" ? format(number) : String(number ?? "–")}`).join(", ");
  return typeof value === "number" ? format(value) : String(value ?? "–");
}

function More({ engine, counts }: { engine: EngineHealth; counts: Record<string, number> | undefined }) {
  const names: Record<string, string> = { window_seconds: t.window, queue_wait_ms: t.queueWait, claim_batch: t.claim, completion_batch: t.completion, webhook_lag_ms: t.webhook };
  const rest = [...Object.entries(engine).filter(([key]) => !SHOWN.includes(key)), ...Object.entries(counts ?? {})];
  if (rest.length === 0) return null;
  return (
    <Card>
      <CardHeader title={t.more} description={t.moreHint} />
      <CardBody>
        <DescriptionList className="tnum" items={rest.map(([key, value]) => ({ term: names[key] ?? asSentence(key.replace(/_ms$|_seconds$/, "").replaceAll("_", " ")).slice(0, -1), value: figure(key, value) }))} />
      </CardBody>
    </Card>
  );
}
