/** One cell; what a spreadsheet would take for a formula is made text. */
export function csvCell(value: unknown): string {
  let text = value === null || value === undefined ? "" : Array.isArray(value) ? value.join(" ") : typeof value === "object" ? JSON.stringify(value) : String(value);
  if (/^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const toCsv = (head: readonly string[], rows: readonly (readonly unknown[])[]): string => [head, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n").concat("\r\n");
