import { Check, Circle, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { Executor, Run } from "@/api/types";
import { Elapsed } from "@/components/Time";
import { useAuth } from "@/features/auth/AuthProvider";
import { cn } from "@/lib/cn";
import { formatDuration, formatInstant } from "@/lib/format";
import { runIsOver, statusLook, toneClasses, type Tone } from "@/lib/status";
import { strings } from "@/lib/strings";
import { RunProgress } from "./RunProgress";

const t = strings.runs;

type StageState = "done" | "now" | "ahead";

interface StageProps {
  word: string;
  icon: LucideIcon;
  tone: Tone;
  spins?: boolean;
  state: StageState;
  at: string | null;
  detail: ReactNode;
  last?: boolean;
  /** The line to the next stage is walked. */
  lineDone?: boolean;
}

function Stage({ word, icon: Icon, tone, spins, state, at, detail, last, lineDone }: StageProps) {
  const { zone } = useAuth();
  return (
    <li
      aria-current={state === "now" ? "step" : undefined}
      data-stage={word}
      data-stage-state={state}
      className={cn("relative flex gap-3 sm:flex-1 sm:flex-col sm:gap-2.5", last ? "sm:flex-none" : "pb-5 sm:pb-0")}
    >
      {last ? null : (
        <span aria-hidden className="absolute bottom-0 left-[15px] top-8 w-0.5 rounded bg-line sm:bottom-auto sm:left-8 sm:right-0 sm:top-[15px] sm:h-0.5 sm:w-auto">
          <span className={cn("block size-full origin-top rounded bg-ok-solid transition-transform duration-500 sm:origin-left", lineDone ? "scale-100" : "scale-y-0 sm:scale-x-0 sm:scale-y-100")} />
        </span>
      )}
      <span
        className={cn(
          "relative grid size-8 shrink-0 place-items-center rounded-full border [&_svg]:size-4",
          state === "ahead" ? "border-line bg-surface-2 text-ink-3" : cn("border-transparent", toneClasses[tone].badge),
          state === "now" && "ring-4 ring-[color-mix(in_oklch,currentColor_14%,transparent)]",
        )}
      >
        {state === "ahead" ? <Circle aria-hidden /> : <Icon className={cn(spins && "animate-spin [animation-duration:1.6s]")} aria-hidden />}
      </span>
      <span className="min-w-0 text-sm sm:pr-3">
        <span className={cn("block font-medium", state === "ahead" ? "text-ink-3" : "text-ink")}>{word}</span>
        <span className="tnum block text-xs text-ink-2">{detail}</span>
        {at ? (
          <time dateTime={at} className="tnum block text-xs text-ink-3">
            {formatInstant(at, zone, "time")}
          </time>
        ) : null}
      </span>
    </li>
  );
}

/** Pending → Running → how it ended, with the time each part took. It moves by itself. */
export function RunTimeline({ run, executor, className }: { run: Run; executor?: Executor | null; className?: string }) {
  const over = runIsOver(run.status);
  const started = run.started_at;
  const running = run.status === "Running";
  const pendingNow = !over && !running;
  const pendingLook = statusLook(run.status === "Retrying" ? "Retrying" : "Pending");
  const runningLook = statusLook("Running");
  const end = statusLook(over ? run.status : "Completed");
  const waited = started ? Date.parse(started) - Date.parse(run.created_at) : null;
  const ran = started && run.finished_at ? (run.duration_ms ?? Date.parse(run.finished_at) - Date.parse(started)) : null;

  return (
    <div className={className}>
      <ol aria-label={t.timeline} className="flex flex-col sm:flex-row">
        <Stage
          word={run.status === "Retrying" ? pendingLook.word : t.stages.pending}
          icon={pendingNow ? pendingLook.icon : Check}
          tone={pendingNow ? pendingLook.tone : "ok"}
          state={pendingNow ? "now" : "done"}
          at={run.created_at}
          detail={waited === null ? over ? t.waited(formatDuration(Date.parse(run.finished_at ?? run.created_at) - Date.parse(run.created_at))) : <Elapsed from={run.created_at} /> : run.attempt > 1 ? t.afterAttempts(run.attempt - 1) : t.waited(formatDuration(waited))}
          lineDone={!pendingNow && started !== null}
        />
        <Stage
          word={t.stages.running}
          icon={running ? runningLook.icon : Check}
          tone={running ? "run" : "ok"}
          spins={running}
          state={running ? "now" : over && started ? "done" : "ahead"}
          at={started}
          detail={running && started ? <Elapsed from={started} /> : ran !== null ? t.ran(formatDuration(ran)) : t.notReached}
          lineDone={over && started !== null}
        />
        <Stage
          last
          word={over ? end.word : t.endOpen}
          icon={end.icon}
          tone={end.tone}
          state={over ? "done" : "ahead"}
          at={run.finished_at}
          detail={over && run.finished_at ? t.total(formatDuration(Date.parse(run.finished_at) - Date.parse(run.created_at))) : "–"}
        />
      </ol>
      {running ? <RunProgress run={run} executor={executor} className="mt-5" /> : null}
      {run.cancel_requested_at && !over ? <p className="mt-3 text-sm text-wait-text">{executor?.type === "worker" ? t.cancelRequestedWorker : t.cancelRequested}</p> : null}
    </div>
  );
}
