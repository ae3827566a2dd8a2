import { useState } from "react";
import type { ThroughputPoint } from "@/api/types";
import { useAuth } from "@/features/auth/AuthProvider";
import { useWidth } from "@/hooks/useWidth";
import { cn } from "@/lib/cn";
import { formatInstant, formatNumber } from "@/lib/format";
import { strings } from "@/lib/strings";
import { layoutBars, type Bar } from "./chart";

const t = strings.overview;
const HEIGHT = 168;
/** Room for the numbers at the left: "25,000". */
const LEFT = 42;
const fills = { completed: "fill-ok-solid", failed: "fill-fail-solid", cancelled: "fill-off-solid" };
const dots = { completed: "bg-ok-solid", failed: "bg-fail-solid", cancelled: "bg-off-solid" };
const KINDS = ["completed", "failed", "cancelled"] as const;

export function Legend() {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
      {KINDS.map((kind) => (
        <li key={kind} className="flex items-center gap-1.5">
          <span className={cn("size-2 rounded-[3px]", dots[kind])} aria-hidden />
          {t[kind]}
        </li>
      ))}
    </ul>
  );
}

function Hint({ bar, left, label }: { bar: Bar; left: number; label: string }) {
  return (
    <div
      className="pointer-events-none absolute top-1 z-10 w-36 -translate-x-1/2 rounded-lg border border-line bg-surface px-3 py-2 text-xs shadow-2"
      style={{ left }}
      aria-hidden
    >
      <p className="mb-1 font-medium text-ink">{label}</p>
      {KINDS.map((kind) => (
        <p key={kind} className="flex items-center gap-1.5 text-ink-2">
          <span className={cn("size-2 rounded-[3px]", dots[kind])} />
          {t[kind]}
          <span className="tnum ml-auto font-medium text-ink">{formatNumber(bar.point[kind])}</span>
        </p>
      ))}
    </div>
  );
}

/** Bars by result; the same numbers stand in a table for screen readers. */
export function ThroughputChart({ points, caption }: { points: ThroughputPoint[]; caption: string }) {
  const { zone } = useAuth();
  const [box, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const inner = Math.max(0, width - LEFT - 4);
  const { bars, max } = layoutBars(points, inner, HEIGHT);
  const empty = bars.every((bar) => bar.total === 0);
  const lines = [0, 0.5, 1];
  const hovered = at === null ? undefined : bars[at];
  const every = Math.max(1, Math.ceil(bars.length / Math.max(2, Math.floor(inner / 110))));

  return (
    <div ref={box} className="relative">
      {width > 0 ? (
        <svg
          width={width}
          height={HEIGHT + 30}
          className="block"
          aria-hidden
          onPointerLeave={() => setAt(null)}
          onPointerMove={(event) => {
            const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
            const index = Math.floor((x / inner) * bars.length);
            setAt(index >= 0 && index < bars.length ? index : null);
          }}
        >
          {lines.map((share) => (
            <g key={share}>
              <line x1={LEFT} x2={width} y1={6 + HEIGHT * (1 - share)} y2={6 + HEIGHT * (1 - share)} className="stroke-line" strokeDasharray={share === 0 ? undefined : "2 4"} />
              <text x={LEFT - 6} y={10 + HEIGHT * (1 - share)} textAnchor="end" className="tnum fill-ink-3 text-2xs">
                {formatNumber(max * share)}
              </text>
            </g>
          ))}
          <g transform={`translate(${LEFT} 6)`}>
            {bars.map((bar, index) => (
              <g key={bar.point.at}>
                {at === index ? <rect x={bar.x - 2} y={0} width={bar.width + 4} height={HEIGHT} rx={3} className="fill-surface-3" /> : null}
                {bar.segments.map((segment) => (
                  <rect key={segment.kind} x={bar.x} y={segment.y} width={bar.width} height={segment.height} rx={Math.min(2, bar.width / 3)} className={fills[segment.kind]} />
                ))}
                {index % every === 0 ? (
                  <text x={index === 0 ? bar.x : bar.x + bar.width / 2} y={HEIGHT + 20} className="tnum fill-ink-3 text-2xs" textAnchor={index === 0 ? "start" : "middle"}>
                    {axisLabel(bar.point.at, zone, points)}
                  </text>
                ) : null}
              </g>
            ))}
          </g>
        </svg>
      ) : (
        <div className="h-[198px]" />
      )}
      {empty && width > 0 ? <p className="absolute inset-x-0 top-20 text-center text-sm text-ink-3"><span className="bg-surface px-3">{t.noRuns}</span></p> : null}
      {hovered ? <Hint bar={hovered} left={Math.min(Math.max(78, LEFT + hovered.x + hovered.width / 2), Math.max(78, width - 74))} label={formatInstant(hovered.point.at, zone, "day")} /> : null}
      <div className="sr-only">
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{t.from}</th>
              {KINDS.map((kind) => (
                <th key={kind} scope="col">
                  {t[kind]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {points
              .filter((point) => point.completed + point.failed + point.cancelled > 0)
              .map((point) => (
                <tr key={point.at}>
                  <th scope="row">{formatInstant(point.at, zone, "day")}</th>
                  {KINDS.map((kind) => (
                    <td key={kind}>{point[kind]}</td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Hours for a day, days for a week. */
function axisLabel(at: string, zone: string, points: ThroughputPoint[]): string {
  const first = points[0];
  const last = points.at(-1);
  const span = first && last ? Date.parse(last.at) - Date.parse(first.at) : 0;
  return span > 2 * 86_400_000 ? formatInstant(at, zone, "day").split(",")[0]! : formatInstant(at, zone, "hour");
}
