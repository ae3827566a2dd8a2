import { useCallback, useEffect, useRef } from "react";
import { Link, useLocation } from "react-router";
import type { LogLine } from "@/api/engine";
import { useAuth } from "@/features/auth/AuthProvider";
import { useVirtualRows } from "@/hooks/useVirtualRows";
import { useWidth } from "@/hooks/useWidth";
import { cn } from "@/lib/cn";
import { formatInstant } from "@/lib/format";
import { strings } from "@/lib/strings";
import { plainText } from "./ansi";
import { StyledText } from "./StyledText";

const t = strings.runs.log;
const ROW = 20;
const VIEW = 400;
/** Room beside the text (number, time, level, gaps), and about the width of a letter, in pixels: a first guess. */
const BESIDE = { narrow: 130, wide: 225 };
const LETTER = 7.3;

export const levelColours: Record<string, string> = { debug: "text-ink-3", info: "text-ink-2", warn: "text-wait-text", error: "text-danger-text" };

/** `#line-42` in the address: one line that somebody pointed at. */
const markedLine = (hash: string): number | null => Number(/^#line-(\d+)$/.exec(hash)?.[1]) || null;

interface LogLinesProps {
  lines: LogLine[];
  /** What the lines were chosen by: another choice puts other lines in the same places. */
  filter: string;
  wrap: boolean;
  follow: boolean;
  onFollow: (follow: boolean) => void;
}

/** Only the lines in view are in the page, however long the log is. */
export function LogLines({ lines, filter, wrap, follow, onFollow }: LogLinesProps) {
  const { zone } = useAuth();
  const [box, width] = useWidth<HTMLDivElement>();
  const { hash, pathname, search } = useLocation();
  const marked = markedLine(hash);
  const room = Math.max(10, Math.floor((width - (width < 640 ? BESIDE.narrow : BESIDE.wide)) / LETTER));
  const estimate = useCallback((index: number) => (wrap ? Math.max(1, Math.ceil(plainText(lines[index]?.text ?? "").length / room)) * ROW : ROW), [wrap, lines, room]);
  const rows = useVirtualRows({ count: lines.length, view: VIEW, estimate, measured: wrap ? `${width} ${filter}` : null });
  const { top, setTop, offsetOf } = rows;

  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [box, follow, lines, rows.total]);

  // A link to a line shows that line, once; a log that is followed stays at its end.
  const shown = useRef<number | null>(null);
  useEffect(() => {
    const at = marked === null || marked === shown.current ? -1 : lines.findIndex(({ line }) => line === marked);
    if (at < 0 || !box.current) return;
    shown.current = marked;
    onFollow(false);
    box.current.scrollTop = offsetOf(at) - VIEW / 3;
  }, [box, marked, lines, onFollow, offsetOf]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const up = element.scrollTop < top - 1;
    setTop(element.scrollTop);
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < ROW;
    if (follow && up && !atEnd) onFollow(false);
  };

  return (
    <div
      ref={box}
      role="region"
      aria-label={t.title}
      tabIndex={0}
      onScroll={onScroll}
      className="focus-inset relative overflow-auto border-t border-line bg-surface-2 font-mono text-xs leading-5"
      style={{ maxHeight: VIEW }}
      data-wrap={wrap || undefined}
    >
      <div className="relative" style={{ height: rows.total + 16 }}>
        <ol ref={rows.list} className={cn("absolute inset-x-0", !wrap && "w-max min-w-full")} style={{ top: rows.offset + 8 }}>
          {lines.slice(rows.first, rows.last).map((line) => (
            <li
              key={line.line}
              className={cn("flex gap-3 px-4 hover:bg-surface-3", wrap ? "min-h-5 whitespace-pre-wrap" : "h-5 whitespace-pre", line.line === marked && "bg-accent-soft hover:bg-accent-soft")}
              data-line={line.line}
            >
              <Link to={{ pathname, search, hash: `line-${line.line}` }} replace preventScrollReset tabIndex={-1} aria-label={t.linkTo(line.line)} className="tnum w-10 shrink-0 select-none text-right text-ink-3 hover:text-accent-text hover:underline">
                {line.line}
              </Link>
              <time dateTime={line.at} className={cn("tnum shrink-0 text-ink-3", wrap && "hidden sm:inline")}>
                {formatInstant(line.at, zone, "time")}
              </time>
              <span className={cn("w-10 shrink-0 uppercase", levelColours[line.level])}>{line.level}</span>
              <span className={cn("min-w-0", wrap && "[overflow-wrap:anywhere]", line.level === "info" ? "text-ink" : levelColours[line.level])}>
                <StyledText text={line.text} />
              </span>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
