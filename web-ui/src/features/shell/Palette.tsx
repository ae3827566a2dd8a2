import { Briefcase, Clock, Keyboard, Play, Search, SunMoon } from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { listJobs, runJob } from "@/api/jobs";
import type { Job } from "@/api/types";
import { useFeedback } from "@/components/Feedback";
import { StatusIcon } from "@/components/StatusBadge";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useAuth } from "@/features/auth/AuthProvider";
import { useTheme } from "@/hooks/useTheme";
import { cn } from "@/lib/cn";
import { focusFirstField } from "@/lib/focus";
import { strings } from "@/lib/strings";
import { timePrefs } from "@/lib/timePrefs";
import { ADMIN, DEVELOP, OTHER, WORK } from "./places";

const t = strings.shell;
const TYPING_MS = 150;

interface Entry {
  id: string;
  group: string;
  label: string;
  icon: ReactNode;
  hint?: string;
  work: () => void;
}

const matches = (label: string, text: string) => text.toLowerCase().split(/\s+/).filter(Boolean).every((word) => label.toLowerCase().includes(word));

function useFoundJobs(text: string): Job[] {
  const [answer, setAnswer] = useState<{ text: string; jobs: Job[] }>({ text: "", jobs: [] });
  useEffect(() => {
    const flight = new AbortController();
    const timer = window.setTimeout(() => {
      listJobs({ limit: 6, ...(text.trim() ? { q: text.trim() } : { sort: "-updated_at" }) }, flight.signal).then((page) => setAnswer({ text, jobs: page.data }), () => undefined);
    }, TYPING_MS);
    return () => {
      window.clearTimeout(timer);
      flight.abort();
    };
  }, [text]);
  // Until the answer to these letters is there, of the last one only what fits them: Enter must not open another job.
  return useMemo(() => (answer.text === text ? answer.jobs : answer.jobs.filter(({ job_name }) => matches(job_name, text))), [answer, text]);
}

/** Everything by a few letters: pages, jobs, what can be done. */
export default function Palette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const listId = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const navigate = useNavigate();
  const { user } = useAuth();
  const { setChoice } = useTheme();
  const { toast, failed } = useFeedback();
  const jobs = useFoundJobs(text);

  const entries = useMemo<Entry[]>(() => {
    const go = (to: string) => () => void navigate(to);
    const places = [...WORK, ...(user?.role === "admin" ? ADMIN : []), ...DEVELOP, ...OTHER]
      .filter(({ label }) => matches(label, text))
      .map(({ label, icon: Icon, to, key }) => ({ id: to, group: t.palettePages, label, icon: <Icon className="size-4 text-ink-3" aria-hidden />, hint: key ? `g ${key}` : undefined, work: go(to) }));
    const found = jobs.map((job) => ({ id: job.job_id, group: t.paletteJobs, label: job.job_name, icon: <StatusIcon status={job.status} />, work: go(`/jobs/${job.job_id}`) }));
    const runs = text.trim() === "" ? [] : jobs.slice(0, 3).map((job) => ({
      id: `run/${job.job_id}`,
      group: t.paletteActions,
      label: strings.jobs.runOne(job.job_name),
      icon: <Play className="size-4 text-ink-3" aria-hidden />,
      work: () => void runJob(job.job_id).then(({ run }) => (toast({ tone: "ok", title: strings.jobs.started(job.job_name) }), navigate(`/runs/${run.run_id}`)), (error: unknown) => failed(strings.jobs.runFailed, error)),
    }));
    const rest = [
      { id: "theme", group: t.paletteActions, label: t.toggleTheme, hint: "t", icon: <SunMoon className="size-4 text-ink-3" aria-hidden />, work: () => setChoice(document.documentElement.dataset.theme === "dark" ? "light" : "dark") },
      { id: "times", group: t.paletteActions, label: t.toggleTimes, hint: "z", icon: <Clock className="size-4 text-ink-3" aria-hidden />, work: timePrefs.toggleStyle },
      { id: "keys", group: t.paletteActions, label: t.shortcuts, hint: "?", icon: <Keyboard className="size-4 text-ink-3" aria-hidden />, work: onShortcuts },
      ...(text.trim() ? [{ id: "search", group: t.paletteActions, label: t.searchJobsFor(text.trim()), icon: <Briefcase className="size-4 text-ink-3" aria-hidden />, work: go(`/jobs?q=${encodeURIComponent(text.trim())}`) }] : []),
    ].filter(({ id, label }) => id === "search" || matches(label, text));
    return [...found, ...places, ...runs, ...rest];
  }, [failed, jobs, navigate, onShortcuts, setChoice, text, toast, user?.role]);

  useEffect(() => setAt(0), [text]);
  // Braces: newer browsers answer scrollIntoView with a promise, which an effect must not return.
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const chosen = Math.min(at, entries.length - 1);
  const take = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.work();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && entries.length > 0) {
      event.preventDefault();
      setAt((chosen + step + entries.length) % entries.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(entries[chosen]);
    }
  };

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={t.palette} onOpenAutoFocus={focusFirstField} className="sm:top-[12vh] sm:max-w-xl">
        <div className="relative -mx-1">
          <Search className="pointer-events-none absolute left-3 top-3 size-4 text-ink-3" aria-hidden />
          <input
            role="combobox"
            aria-expanded
            aria-controls={listId}
            aria-activedescendant={entries[chosen] ? `${listId}-${chosen}` : undefined}
            aria-label={t.paletteHint}
            placeholder={t.paletteHint}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKeyDown}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            className="h-10 w-full rounded-lg border border-line-strong bg-surface pl-9 pr-3 text-base outline-none focus-visible:border-ring"
          />
        </div>
        <ul ref={list} id={listId} role="listbox" aria-label={t.palette} className="-mx-1 mt-2 max-h-[52vh] overflow-y-auto">
          {entries.map((entry, index) => (
            // The keyboard works at the input, by aria-activedescendant.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <li
              key={`${entry.group}/${entry.id}`}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              onMouseMove={() => setAt(index)}
              onClick={() => take(entry)}
              className={cn("flex h-9 cursor-pointer items-center gap-2.5 rounded-lg px-3 text-sm text-ink", index === chosen && "bg-surface-3")}
            >
              {entry.icon}
              <span className="min-w-0 flex-1 truncate">{entry.label}</span>
              {entry.hint ? <kbd className="rounded border border-line px-1.5 text-2xs text-ink-3">{entry.hint}</kbd> : null}
              <span className="w-16 text-right text-xs text-ink-3">{entry.group}</span>
            </li>
          ))}
        </ul>
      </DialogContent>
    </Dialog>
  );
}
