import { useEffect, useRef } from "react";
import { useBlocker } from "react-router";
import { useFeedback } from "@/components/Feedback";
import { strings } from "@/lib/strings";

const t = strings.jobs;

/** Asks before unsaved work is left. Returns a function that lets the next leaving pass (after a save). */
export function useUnsavedGuard(dirty: boolean): () => void {
  const { confirm } = useFeedback();
  const pass = useRef(false);
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && !pass.current && currentLocation.pathname !== nextLocation.pathname);

  useEffect(() => {
    if (blocker.state !== "blocked") return;
    void confirm({ title: t.unsavedTitle, description: t.unsavedText, confirmLabel: t.unsavedLeave, danger: true }).then((leave) => {
      if (leave) blocker.proceed();
      else blocker.reset();
    });
  }, [blocker, confirm]);

  useEffect(() => {
    if (!dirty) return;
    const onLeave = (event: BeforeUnloadEvent) => {
      if (!pass.current) event.preventDefault();
    };
    window.addEventListener("beforeunload", onLeave);
    return () => window.removeEventListener("beforeunload", onLeave);
  }, [dirty]);

  return () => {
    pass.current = true;
  };
}
