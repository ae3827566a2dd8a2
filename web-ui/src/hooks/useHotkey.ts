import { useEffect, useRef } from "react";

export const KEYS_OFF = "scheduler.keys-off";

export function keysAreOff(): boolean {
  try {
    return localStorage.getItem(KEYS_OFF) === "true";
  } catch {
    return false;
  }
}

/** Keys belong to the page only while nobody types and no dialog or menu is open. */
export function isTyping(target: EventTarget | null): boolean {
  const typing = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [data-json-editor], [role=dialog], [role=alertdialog], [role=menu]";
  return (target instanceof HTMLElement && target.closest(typing) !== null) || document.querySelector("[role=dialog], [role=alertdialog]") !== null;
}

/** A key that is meant for the page: no modifiers, nobody types, and single keys are not turned off. */
export const isPlainKey = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented && !isTyping(event.target) && !keysAreOff();

/** One key, without modifiers. */
export function useHotkey(key: string, work: () => void): void {
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== key || !isPlainKey(event)) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [key]);
}

/**
 * `j` and `k` go from row to row of a list; on a row, `x` ticks it, Enter follows its link by itself, and `keys`
 * says what else can be done to it.
 */
export function useRowKeys(selector: string, keys: Record<string, (row: HTMLElement) => void> = {}): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const work = latest.current[event.key];
      if ((!work && !["j", "k", "x"].includes(event.key)) || !isPlainKey(event)) return;
      const rows = [...document.querySelectorAll<HTMLElement>(selector)];
      const at = rows.findIndex((row) => row.contains(document.activeElement));
      if (event.key === "x") return void rows[at]?.querySelector<HTMLElement>("[role=checkbox]")?.click();
      if (work) {
        const row = rows[at];
        if (row) event.preventDefault();
        return void (row && work(row));
      }
      const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)))];
      const link = next?.querySelector<HTMLElement>("a");
      link?.focus();
      next?.scrollIntoView({ block: "nearest" });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [selector]);
}
