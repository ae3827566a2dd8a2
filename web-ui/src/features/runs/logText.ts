import type { LogLine } from "@/api/engine";
import { plainText } from "./ansi";

export const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];
const rank = (level: string): number => Math.max(0, LEVELS.indexOf(level as Level));

/** Lines at or above a level that hold all words. */
export function filterLines(lines: readonly LogLine[], search: string, level: Level): LogLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter((line) => rank(line.level) >= rank(level) && (words.length === 0 || words.every((word) => plainText(line.text).toLowerCase().includes(word))));
}

export const logFile = (lines: readonly LogLine[]): string => lines.map((line) => `${line.at} ${line.level.toUpperCase().padEnd(5)} ${plainText(line.text)}`).join("\n").concat("\n");

/** Saves text as a file, without leaving the page. */
export function saveFile(name: string, text: string, type = "text/plain"): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
