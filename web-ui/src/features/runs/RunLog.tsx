import { ArrowDownToLine, Download, ScrollText, Search, WrapText } from "lucide-react";
import { useMemo, useState } from "react";
import type { Run } from "@/api/types";
import { ErrorState, LoadingRows } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Input, Select } from "@/components/ui/input";
import { useMediaQuery } from "@/hooks/useMediaQuery";
import { useStored } from "@/hooks/useStored";
import { formatNumber } from "@/lib/format";
import { runIsOver } from "@/lib/status";
import { strings } from "@/lib/strings";
import { LogLines } from "./LogLines";
import { filterLines, LEVELS, logFile, saveFile, type Level } from "./logText";
import { useRunLog } from "./useRunLog";

const t = strings.runs.log;
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";

/** What the run said, line by line, following it to its end. */
export function RunLog({ run }: { run: Run }) {
  const over = runIsOver(run.status);
  const { lines, loaded, problem, reload } = useRunLog(run.run_id, over);
  const [search, setSearch] = useState("");
  const [level, setLevel] = useState<Level>("debug");
  const [follow, setFollow] = useState(!over);
  const narrow = useMediaQuery("(max-width: 639px)");
  const [wrap, setWrap] = useStored("log-wrap", narrow, isFlag);
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
              <Button size="iconSm" aria-pressed={wrap} aria-label={t.wrap} title={t.wrap} variant={wrap ? "primary" : "secondary"} onClick={() => setWrap(!wrap)}>
                <WrapText aria-hidden />
              </Button>
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
        <LogLines lines={shown} filter={`${level} ${search}`} wrap={wrap} follow={follow} onFollow={setFollow} />
      )}
    </Card>
  );
}
