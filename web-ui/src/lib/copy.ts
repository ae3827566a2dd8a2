/** Copies text, also on plain HTTP, where `navigator.clipboard` does not exist. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      /* refused: fall through to the old way */
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "fixed -left-[9999px] top-0";
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  // Inside an open dialog, so that its focus trap does not pull the focus away.
  (focused?.closest("[role=dialog]") ?? document.body).append(area);
  area.focus();
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    focused?.focus();
  }
}
