import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from "react";
import { asSentence, toProblem } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/alert-dialog";
import { cn } from "@/lib/cn";
import { strings } from "@/lib/strings";
import { CopyButton } from "./CopyButton";

const t = strings.common;

interface Toast {
  id: number;
  tone: "ok" | "error" | "info";
  title: string;
  detail?: string;
  requestId?: string | null;
  action?: { label: string; run: () => void };
}

interface Question {
  title: string;
  description: ReactNode;
  confirmLabel: string;
  danger?: boolean;
}

interface Feedback {
  toast: (toast: Omit<Toast, "id">) => void;
  /** A failed action, told with the server's words and its request id. */
  failed: (title: string, error: unknown) => void;
  /** Says something to screen readers only. */
  announce: (text: string) => void;
  confirm: (question: Question) => Promise<boolean>;
}

const FeedbackContext = createContext<Feedback>({
  toast: () => undefined,
  failed: () => undefined,
  announce: () => undefined,
  confirm: () => Promise.resolve(false),
});

export const useFeedback = () => useContext(FeedbackContext);

const icons = { ok: CircleCheck, error: CircleAlert, info: Info };
const colours = { ok: "text-ok-text", error: "text-danger-text", info: "text-run-text" };

function ToastCard({ toast, onClose }: { toast: Toast; onClose: () => void }) {
  const Icon = icons[toast.tone];
  return (
    <div className="pointer-events-auto flex w-full animate-slide-up gap-2.5 rounded-xl border border-line bg-surface px-3.5 py-3 shadow-2">
      <Icon className={cn("mt-0.5 size-4 shrink-0", colours[toast.tone])} aria-hidden />
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-medium text-ink">{toast.title}</p>
        {toast.detail ? <p className="mt-0.5 break-words text-ink-2">{toast.detail}</p> : null}
        {toast.requestId ? (
          <p className="mt-1 flex items-center gap-1 text-xs text-ink-3">
            {t.requestId} <code className="truncate">{toast.requestId}</code>
            <CopyButton text={toast.requestId} label={t.copyRequestId} />
          </p>
        ) : null}
        {toast.action ? (
          <Button
            variant="link"
            size="inline"
            className="mt-1"
            onClick={() => {
              toast.action?.run();
              onClose();
            }}
          >
            {toast.action.label}
          </Button>
        ) : null}
      </div>
      <button type="button" onClick={onClose} aria-label={t.dismiss} className="-mr-1 -mt-0.5 grid size-6 shrink-0 place-items-center rounded-md text-ink-3 hover:bg-surface-3 hover:text-ink">
        <X className="size-3.5" aria-hidden />
      </button>
    </div>
  );
}

/** Toasts, questions and announcements: one place for everything the page says back. */
export function FeedbackProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const [announcement, setAnnouncement] = useState("");
  const [question, setQuestion] = useState<Question | null>(null);
  const answer = useRef<(yes: boolean) => void>(() => undefined);
  const nextId = useRef(1);

  const close = useCallback((id: number) => setToasts((known) => known.filter((toast) => toast.id !== id)), []);
  const toast = useCallback(
    (added: Omit<Toast, "id">) => {
      const id = nextId.current++;
      setToasts((known) => [...known.slice(-2), { ...added, id }]);
      window.setTimeout(() => close(id), added.tone === "error" ? 12_000 : 5_000);
    },
    [close],
  );
  const failed = useCallback(
    (title: string, error: unknown) => {
      const problem = toProblem(error);
      const detail = asSentence(problem.errors[0]?.message ?? (problem.detail || problem.title));
      toast({ tone: "error", title, detail, requestId: problem.status >= 500 ? problem.requestId : null });
    },
    [toast],
  );
  const announce = useCallback((text: string) => setAnnouncement(text), []);
  const confirm = useCallback((asked: Question) => {
    setQuestion(asked);
    return new Promise<boolean>((resolve) => {
      answer.current = resolve;
    });
  }, []);
  const settle = (yes: boolean) => {
    answer.current(yes);
    setQuestion(null);
  };

  const value = useMemo(() => ({ toast, failed, announce, confirm }), [toast, failed, announce, confirm]);
  return (
    <FeedbackContext.Provider value={value}>
      {children}
      <ConfirmDialog
        open={question !== null}
        onOpenChange={(open) => !open && settle(false)}
        title={question?.title ?? ""}
        description={question?.description}
        confirmLabel={question?.confirmLabel ?? ""}
        cancelLabel={t.keep}
        danger={question?.danger}
        onConfirm={() => settle(true)}
      />
      <div
        role="region"
        aria-label={t.notifications}
        className="pointer-events-none fixed inset-x-3 bottom-3 z-[70] flex flex-col items-end gap-2 sm:inset-x-auto sm:right-4 sm:bottom-4 sm:w-88"
      >
        <div role="status" aria-live="polite" className="flex w-full flex-col gap-2">
          {toasts.map((shown) => (
            <ToastCard key={shown.id} toast={shown} onClose={() => close(shown.id)} />
          ))}
        </div>
      </div>
      <p className="sr-only" aria-live="polite" data-announcer>
        {announcement}
      </p>
    </FeedbackContext.Provider>
  );
}
