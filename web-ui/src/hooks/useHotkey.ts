import { useEffect, useRef } from "react";

/** Keys belong to the page only while nobody types and no dialog or menu is open. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [data-json-editor], [role=dialog], [role=alertdialog], [role=menu]") !== null;
}

/** One key, without modifiers. */
export function useHotkey(key: string, work: () => void): void {
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (localStorage.getItem("scheduler.keys") === '"off"') return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [key]);
}
