/** For a dialog that is a form: whoever opens it wants to type, not to close it. */
export function focusFirstField(event: Event): void {
  const box = event.currentTarget;
  const field = box instanceof HTMLElement ? box.querySelector<HTMLElement>("input:not([type=hidden]):not([disabled]), textarea, select") : null;
  if (!field) return;
  event.preventDefault();
  field.focus();
}
