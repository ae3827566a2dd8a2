import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Dashboard } from "@/api/types";
import { cn } from "@/lib/cn";
import { formatDuration, formatNumber, formatPercent } from "@/lib/format";
import { statusLook, toneClasses } from "@/lib/status";
import { strings } from "@/lib/strings";

const t = strings.overview;

interface TileProps {
  label: string;
  value: ReactNode;
  hint: ReactNode;
  to: string;
  status?: string;
}

function Tile({ label, value, hint, to, status }: TileProps) {
  const look = status ? statusLook(status) : null;
  const Icon = look?.icon;
  return (
    <Link to={to} className="panel group flex min-w-0 last:col-span-2 md:last:col-span-1 flex-col gap-1 px-4 py-3.5 transition-[border-color,box-shadow] hover:border-line-strong hover:shadow-2">
      <span className="flex items-center gap-1.5 text-sm text-ink-2">
        {Icon && look ? <Icon className={cn("size-3.5", toneClasses[look.tone].text)} aria-hidden /> : null}
        {label}
      </span>
      <span className="tnum truncate text-2xl xl:text-3xl font-semibold tracking-[-0.03em] text-ink">{value}</span>
      <span className="tnum truncate text-xs text-ink-3">{hint}</span>
    </Link>
  );
}

export function Tiles({ data }: { data: Dashboard }) {
  const { counts, runs, duration_ms } = data;
  const ended = runs.Completed + runs.Failed + runs.Cancelled;
  return (
    <div className="grid grid-cols-2 gap-3 md:grid-cols-5">
      <Tile label={t.tiles.running} status="Running" value={formatNumber(counts.Running)} hint={t.jobsNow} to="/jobs?status=Running" />
      <Tile label={t.tiles.pending} status="Pending" value={formatNumber(counts.Pending)} hint={t.jobsNow} to="/jobs?status=Pending" />
      <Tile label={t.tiles.failed} status="Failed" value={formatNumber(counts.Failed)} hint={t.failedRuns(formatNumber(runs.Failed))} to="/jobs?status=Failed" />
      <Tile label={t.tiles.success} value={formatPercent(data.success_rate)} hint={t.runsEnded(formatNumber(ended))} to="/runs?status=Completed&status=Failed" />
      <Tile
        label={t.tiles.duration}
        value={formatDuration(duration_ms.p95)}
        hint={t.p50(formatDuration(duration_ms.p50))}
        to="/timeline"
      />
    </div>
  );
}
