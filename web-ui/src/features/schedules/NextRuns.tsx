import { CalendarOff, TriangleAlert } from "lucide-react";
import type { Preview, PreviewInstant, Schedule } from "@/api/engine";
import { Skeleton } from "@/components/ui/skeleton";
import { useAuth } from "@/features/auth/AuthProvider";
import { useNow } from "@/hooks/useNow";
import { cn } from "@/lib/cn";
import { formatInstant, formatRelative } from "@/lib/format";
import { strings } from "@/lib/strings";
import { MiniCalendar } from "./MiniCalendar";
import type { PreviewState } from "./usePreview";

const t = strings.schedules;

function Mark({ note }: { note: string }) {
  const words = t.notes[note] ?? { word: note, text: note };
  return (
    <span title={words.text} className="inline-flex items-center gap-1 rounded bg-wait-soft px-1.5 text-2xs font-medium leading-[18px] text-wait-text">
      <TriangleAlert className="size-3" aria-hidden />
      {words.word}
      <span className="sr-only">. {words.text}</span>
    </span>
  );
}

function Instant({ instant, zone, now }: { instant: PreviewInstant; zone: string; now: number }) {
  const left = instant.note === "gap_skipped";
  return (
    <li className="flex min-w-0 items-baseline gap-2 py-1 text-sm" data-instant={instant.at}>
      <time dateTime={instant.at} className={cn("tnum whitespace-nowrap text-ink", left && "line-through")}>
        {formatInstant(instant.at, zone, /:00(\.0+)?Z$/.test(instant.at) ? "weekday" : "weekdaySeconds")}
      </time>
      {instant.note ? <Mark note={instant.note} /> : null}
      <span className="ml-auto whitespace-nowrap text-xs text-ink-3">{formatRelative(instant.at, now)}</span>
    </li>
  );
}

/** The next instants in the schedule's own zone, with marks where the clocks change. */
export function InstantList({ preview, kind, columns = true }: { preview: Preview; kind?: string; columns?: boolean }) {
  const { zone: own } = useAuth();
  const now = useNow(10_000);
  // Only cron has a zone of its own.
  const zone = kind === "cron" ? preview.time_zone || own : own;
  if (preview.data.length === 0) {
    return (
      <p className="flex items-center gap-2 py-2 text-sm text-ink-2">
        <CalendarOff className="size-4 text-ink-3" aria-hidden />
        {t.previewEmpty}
      </p>
    );
  }
  return (
    <ol aria-label={t.preview} className={cn("grid gap-x-8", columns && "sm:grid-flow-col sm:grid-cols-2 sm:grid-rows-5")}>
      {preview.data.map((instant) => (
        <Instant key={`${instant.at}/${instant.note}`} instant={instant} zone={zone} now={now} />
      ))}
    </ol>
  );
}

/** The server's reading of what is being typed. */
export function SchedulePreview({ state, kind, schedule }: { state: PreviewState; kind: string; schedule: Schedule | null }) {
  const { zone: own } = useAuth();
  const { preview, loading, problem, errors } = state;
  const refused = Object.keys(errors).length > 0;
  return (
    <div className="rounded-lg border border-line bg-surface-2 px-4 py-3" aria-live="polite" aria-busy={loading || undefined} data-preview={preview ? "ready" : loading ? "loading" : "empty"}>
      {preview ? (
        <div className={cn("transition-opacity", loading && "opacity-60")}>
          <p className="text-base font-medium text-ink">{preview.description}</p>
          <p className="mb-1.5 mt-0.5 text-xs text-ink-3">
            {t.preview} {t.previewIn((kind === "cron" ? preview.time_zone : own).replaceAll("_", " "))}
          </p>
          {kind === "once" ? (
            <InstantList preview={preview} kind={kind} />
          ) : (
            <div className="grid items-start gap-x-8 gap-y-3 sm:grid-cols-[minmax(0,1fr)_13.5rem]">
              <InstantList preview={preview} kind={kind} columns={false} />
              <MiniCalendar schedule={schedule} zone={kind === "cron" ? preview.time_zone || own : own} />
            </div>
          )}
        </div>
      ) : loading ? (
        <div role="status" aria-label={t.previewLoading} className="flex flex-col gap-2">
          <Skeleton className="h-5 w-2/3" />
          <Skeleton className="h-4 w-1/2" />
          <Skeleton className="h-4 w-1/2" />
        </div>
      ) : (
        <p className="text-sm text-ink-2">{problem && !refused ? t.previewFailed : t.previewWaiting}</p>
      )}
    </div>
  );
}
