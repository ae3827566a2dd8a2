import { useMemo, useState, type KeyboardEvent } from "react";
import { useAuth } from "@/features/auth/AuthProvider";
import { cn } from "@/lib/cn";
import { formatInstant, formatNumber } from "@/lib/format";
import { strings } from "@/lib/strings";
import { isoToLocal, localToIso } from "@/lib/zones";
import { heatOf, heatRange, hourOf, type Agenda } from "./agenda";

const t = strings.calendar;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const DAY_MS = 86_400_000;

interface HeatGridProps {
  agendas: Agenda[];
  from: number;
  chosen: number;
  onChoose: (hour: number) => void;
}

/** Days down, hours across, in the person's zone; the stronger the colour the more runs. One cell takes the focus, arrows move it. */
export function HeatGrid({ agendas, from, chosen, onChoose }: HeatGridProps) {
  const { zone } = useAuth();
  const totals = useMemo(() => {
    const sum = new Map<number, number>();
    for (const { hours } of agendas) for (const [hour, count] of hours) sum.set(hour, (sum.get(hour) ?? 0) + count);
    return sum;
  }, [agendas]);
  // Between what is quiet and what is busy here, so that differences show; one odd hour must not flatten the rest.
  const [least, most] = useMemo(() => heatRange([...totals.values()]), [totals]);
  const days = useMemo(
    () =>
      Array.from({ length: 8 }, (_, index) => isoToLocal(new Date(from + index * DAY_MS).toISOString(), zone).slice(0, 10)).map((day) => ({
        day,
        cells: HOURS.map((hour) => hourOf(Date.parse(localToIso(`${day}T${String(hour).padStart(2, "0")}:00`, zone) ?? ""))),
      })),
    [from, zone],
  );
  const [focus, setFocus] = useState<[number, number]>([0, Number(isoToLocal(new Date(from).toISOString(), zone).slice(11, 13))]);

  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    const steps: Record<string, [number, number]> = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const row = Math.min(days.length - 1, Math.max(0, focus[0] + step[0]));
    const column = Math.min(23, Math.max(0, focus[1] + step[1]));
    setFocus([row, column]);
    event.currentTarget.querySelector<HTMLElement>(`[data-cell="${row}/${column}"]`)?.focus();
  };

  return (
    <>
      <div className="relative overflow-x-auto pb-1" role="region" aria-label={t.grid} tabIndex={0}>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the arrows move between the buttons in it */}
        <table className="w-full min-w-[44rem] table-fixed border-separate border-spacing-[3px] text-xs" onKeyDown={onKeyDown}>
          <thead>
            <tr>
              <th className="w-24" scope="col">
                <span className="sr-only">{t.grid}</span>
              </th>
              {HOURS.map((hour) => (
                <th key={hour} scope="col" className="tnum font-normal text-ink-3">
                  {hour % 3 === 0 ? hour : <span className="sr-only">{hour}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, cells }, row) => (
              <tr key={day}>
                <th scope="row" className="sticky left-0 z-10 whitespace-nowrap bg-surface pr-2 text-left font-normal text-ink-2">
                  {formatInstant(`${day}T12:00:00Z`, "UTC", "short")}
                </th>
                {cells.map((hour, column) => {
                  const count = totals.get(hour) ?? 0;
                  const outside = hour < from || hour >= from + 7 * DAY_MS;
                  const share = heatOf(count, least, most);
                  return (
                    <td key={column} className="p-0">
                      <button
                        type="button"
                        data-cell={`${row}/${column}`}
                        disabled={outside}
                        tabIndex={row === focus[0] && column === focus[1] ? 0 : -1}
                        aria-pressed={hour === chosen}
                        aria-label={t.cell(`${formatInstant(new Date(hour).toISOString(), zone, "day")}`, t.runs(formatNumber(count), false))}
                        title={count > 0 ? t.runs(formatNumber(count), false) : undefined}
                        onClick={() => {
                          setFocus([row, column]);
                          onChoose(hour);
                        }}
                        className={cn("relative block h-7 w-full overflow-hidden rounded-[4px] bg-surface-3", outside && "opacity-30", hour === chosen && "outline-2 outline-offset-1 outline-ring")}
                      >
                        <span className="absolute inset-0 bg-accent" style={{ opacity: share }} />
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {most > least ? (
        <p className="tnum mt-2.5 flex items-center justify-end gap-1.5 text-xs text-ink-3" aria-hidden>
          {formatNumber(least)}
          {[0.12, 0.34, 0.56, 0.78, 1].map((share) => (
            <span key={share} className="relative size-3.5 overflow-hidden rounded-[3px] bg-surface-3">
              <span className="absolute inset-0 bg-accent" style={{ opacity: share }} />
            </span>
          ))}
          {t.legend(formatNumber(most))}
        </p>
      ) : null}
    </>
  );
}
