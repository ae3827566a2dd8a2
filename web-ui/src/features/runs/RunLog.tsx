import { ArrowDownToLine, Download, ScrollText, Search } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Link, useLocation } from "react-router";
import type { LogLine } from "@/api/engine";
import type { Run } from "@/api/types";
import { ErrorState, LoadingRows } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Input, Select } from "@/components/ui/input";
import { useAuth } from "@/features/auth/AuthProvider";
import { cn } from "@/lib/cn";
import { formatInstant, formatNumber } from "@/lib/format";
import { runIsOver } from "@/lib/status";
import { strings } from "@/lib/strings";
import { filterLines, LEVELS, logFile, plainText, saveFile, type Level } from "./logText";
import { useRunLog } from "./useRunLog";

const t = strings.runs.log;
const ROW = 20;
const VIEW = 400;
const SPARE = 20;

const colours: Record<string, string> = { debug: "text-ink-3", info: "text-ink-2", warn: "text-wait-text", error: "text-danger-text" };

/** What the run said, line by line, following it to its end. */
export function RunLog({ run }: { run: Run }) {
  const over = runIsOver(run.status);
  const { lines, loaded, problem, reload } = useRunLog(run.run_id, over);
  const [search, setSearch] = useState("");
  const [level, setLevel] = useState<Level>("debug");
  const [follow, setFollow] = useState(!over);
  const shown = useMemo(() => filterLines(lines, search, level), [lines, search, level]);
  const filtered = search.trim() !== "" || level !== "debug";

  return (
    <Card className="overflow-hidden" data-log>
      <CardHeader
        title={t.title}
        description={loaded && lines.length > 0 ? (filtered ? t.found(formatNumber(shown.length), formatNumber(lines.length)) : t.lines(formatNumber(lines.length))) : undefined}
        actions={
          lines.length === 0 ? null : (
            <>
              <div className="relative">
                <Search className="pointer-events-none absolute left-2.5 top-2 size-4 text-ink-3" aria-hidden />
                <Input type="search" aria-label={t.search} placeholder={t.search} value={search} onChange={(event) => setSearch(event.target.value)} className="h-8 w-40 pl-8" />
              </div>
              <Select aria-label={t.level} value={level} className="w-28 [&_select]:h-8" onChange={(event) => setLevel(event.target.value as Level)}>
                {LEVELS.map((word) => (
                  <option key={word} value={word}>
                    {t.levels[word]}
                  </option>
                ))}
              </Select>
              <Button size="sm" aria-pressed={follow} variant={follow ? "primary" : "secondary"} onClick={() => setFollow((known) => !known)}>
                <ArrowDownToLine aria-hidden />
                {t.follow}
              </Button>
              <Button size="sm" onClick={() => saveFile(`run-${run.run_id}.log`, logFile(lines))}>
                <Download aria-hidden />
                {t.download}
              </Button>
            </>
          )
        }
      />
      {problem && lines.length === 0 ? (
        <ErrorState problem={problem} onRetry={reload} className="py-8" />
      ) : !loaded ? (
        <LoadingRows rows={3} />
      ) : lines.length === 0 ? (
        <p className="flex items-center gap-2.5 px-4 pb-5 text-sm text-ink-3 sm:px-5">
          <ScrollText className="size-4" aria-hidden />
          {over ? t.empty : t.waiting}
        </p>
      ) : shown.length === 0 ? (
        <p className="border-t border-line px-5 py-6 text-sm text-ink-2">{t.noMatch}</p>
      ) : (
        <Lines lines={shown} follow={follow} onFollow={setFollow} />
      )}
    </Card>
  );
}

/** `#line-42` in the address: one line that somebody pointed at. */
const markedLine = (hash: string): number | null => Number(/^#line-(\d+)$/.exec(hash)?.[1]) || null;

/** Only the lines in view are in the page, however long the log is. */
function Lines({ lines, follow, onFollow }: { lines: LogLine[]; follow: boolean; onFollow: (follow: boolean) => void }) {
  const { zone } = useAuth();
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const { hash, pathname, search } = useLocation();
  const marked = markedLine(hash);
  const first = Math.max(0, Math.floor(top / ROW) - SPARE);
  const seen = lines.slice(first, Math.ceil((top + VIEW) / ROW) + SPARE);

  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follow, lines]);

  // A link to a line shows that line, once; a log that is followed stays at its end.
  const shown = useRef<number | null>(null);
  useEffect(() => {
    const at = marked === null || marked === shown.current ? -1 : lines.findIndex(({ line }) => line === marked);
    if (at < 0 || !box.current) return;
    shown.current = marked;
    onFollow(false);
    box.current.scrollTop = at * ROW - VIEW / 3;
  }, [marked, lines, onFollow]);

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
    >
      <div className="relative" style={{ height: lines.length * ROW + 16 }}>
        <ol className="absolute inset-x-0 w-max min-w-full" style={{ top: first * ROW + 8 }}>
          {seen.map((line) => (
            <li key={line.line} className={cn("flex h-5 gap-3 whitespace-pre px-4 hover:bg-surface-3", line.line === marked && "bg-accent-soft hover:bg-accent-soft")} data-line={line.line}>
              <Link to={{ pathname, search, hash: `line-${line.line}` }} replace preventScrollReset tabIndex={-1} aria-label={t.linkTo(line.line)} className="tnum w-10 shrink-0 select-none text-right text-ink-3 hover:text-accent-text hover:underline">
                {line.line}
              </Link>
              <time dateTime={line.at} title={line.at} className="tnum shrink-0 text-ink-3">
                {formatInstant(line.at, zone, "time")}
              </time>
              <span className={cn("w-10 shrink-0 uppercase", colours[line.level])}>{line.level}</span>
              <span className={cn(line.level === "info" ? "text-ink" : colours[line.level])}>{plainText(line.text)}</span>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
