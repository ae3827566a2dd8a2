import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useAuth } from "@/features/auth/AuthProvider";
import { formatInstant, formatRelative } from "@/lib/format";
import { strings } from "@/lib/strings";
import { CopyButton } from "./CopyButton";

const SHOW_MS = 250;
/** Long enough for the pointer to travel from the time to the tip, where the copy button is. */
const HIDE_MS = 200;
const GAP = 6;
const EDGE = 8;

/** The time under a pointer or a finger. */
const timeOf = (target: EventTarget | null): HTMLTimeElement | null => (target instanceof Element ? target.closest<HTMLTimeElement>("time[datetime]") : null);

/**
 * The whole truth about any time on the page: relative, exact with its zone, and as programs write it, to be copied.
 * One tip for all of them, on hover and on a tap: a row of a list stays one tab stop. Whoever works by keyboard turns
 * the whole page to exact times with `z`.
 */
export function TimeTip() {
  const [shown, setShown] = useState<HTMLTimeElement | null>(null);
  const tip = useRef<HTMLDivElement>(null);
  const { zone } = useAuth();

  useEffect(() => {
    let timer = 0;
    const soon = (next: HTMLTimeElement | null, ms: number) => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => setShown(next), ms);
    };
    const onOver = (event: PointerEvent) => {
      if (event.pointerType === "touch") return;
      if (event.target instanceof Node && tip.current?.contains(event.target)) return window.clearTimeout(timer);
      const time = timeOf(event.target);
      soon(time, time ? SHOW_MS : HIDE_MS);
    };
    const onDown = (event: PointerEvent) => {
      if (event.target instanceof Node && tip.current?.contains(event.target)) return;
      window.clearTimeout(timer);
      const time = event.pointerType === "touch" ? timeOf(event.target) : null;
      // Inside a link or a button a tap means that.
      setShown(time?.closest("a, button") ? null : time);
    };
    const away = () => {
      window.clearTimeout(timer);
      setShown(null);
    };
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && away();
    document.addEventListener("pointerover", onOver);
    document.addEventListener("pointerdown", onDown);
    document.addEventListener("keydown", onKey);
    document.addEventListener("scroll", away, { capture: true, passive: true });
    return () => {
      window.clearTimeout(timer);
      document.removeEventListener("pointerover", onOver);
      document.removeEventListener("pointerdown", onDown);
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("scroll", away, { capture: true });
    };
  }, []);

  // Above the time, or below it where there is no room; never past an edge of the window.
  useLayoutEffect(() => {
    const box = tip.current;
    if (!box || !shown) return;
    const at = shown.getBoundingClientRect();
    const left = Math.min(Math.max(EDGE, at.left + at.width / 2 - box.offsetWidth / 2), window.innerWidth - box.offsetWidth - EDGE);
    const above = at.top - box.offsetHeight - GAP;
    box.style.left = `${left}px`;
    box.style.top = `${above < EDGE ? at.bottom + GAP : above}px`;
  }, [shown]);

  const iso = shown?.dateTime;
  if (!iso || !shown.isConnected) return null;
  return (
    <div ref={tip} role="tooltip" data-time-tip className="pointer-events-auto fixed left-0 top-0 z-[75] animate-fade-in rounded-lg bg-ink px-3 py-2 text-xs text-surface shadow-2">
      <p className="tnum font-medium">{formatInstant(iso, zone)}</p>
      <p className="opacity-80">{formatRelative(iso)}</p>
      <p className="tnum flex items-center gap-1 opacity-80">
        <code>{iso}</code>
        <CopyButton text={iso} label={strings.common.copyTime} className="-my-1 text-surface/80 hover:bg-surface/20 hover:text-surface" />
      </p>
    </div>
  );
}
