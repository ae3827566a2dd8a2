/**
 * Escape sequences of terminals, as far as they style text (SGR of ECMA-48, with 256 and true colours). What else they
 * may ask for is left out. The result is words for a stylesheet, never markup: a log cannot bring in HTML.
 */

export const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
export type Colour = (typeof COLOURS)[number];

export interface Style {
  fg?: Colour;
  bg?: Colour;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  inverse?: boolean;
}

export interface Span {
  text: string;
  style: Style;
}

// CSI with its parameters and final byte; OSC up to its end; two-character sequences; a lone escape.
// eslint-disable-next-line no-control-regex
const ESCAPE = /\u001b(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_]|)/g;

export const plainText = (text: string): string => text.replace(ESCAPE, "");

/** The nearest of the eight colours: they have shades that can be read in both themes, an arbitrary one may not. */
export function nearest(red: number, green: number, blue: number): Colour {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 40) return most < 96 ? "black" : "white";
  const middle = (most + least) / 2;
  return COLOURS[(red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0)]!;
}

function fromTable(index: number): Colour {
  if (index < 16) return COLOURS[index % 8]!;
  if (index >= 232) return index < 244 ? "black" : "white";
  const step = (place: number) => Math.floor((index - 16) / place) % 6;
  const level = (value: number) => (value === 0 ? 0 : 55 + 40 * value);
  return nearest(level(step(36)), level(step(6)), level(step(1)));
}

/** The colour that `38` or `48` introduces, and how many numbers it took. */
function extended(codes: readonly number[], at: number): [Colour | undefined, number] {
  if (codes[at] === 5) return [codes[at + 1] === undefined ? undefined : fromTable(codes[at + 1]! & 255), 2];
  if (codes[at] === 2) return [nearest(codes[at + 1] ?? 0, codes[at + 2] ?? 0, codes[at + 3] ?? 0), 4];
  return [undefined, 1];
}

const ON: Record<number, Style> = { 1: { bold: true }, 2: { dim: true }, 3: { italic: true }, 4: { underline: true }, 7: { inverse: true }, 9: { strike: true } };
const OFF: Record<number, Style> = { 22: { bold: undefined, dim: undefined }, 23: { italic: undefined }, 24: { underline: undefined }, 27: { inverse: undefined }, 29: { strike: undefined }, 39: { fg: undefined }, 49: { bg: undefined } };

function applied(style: Style, codes: readonly number[]): Style {
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at]!;
    if (code === 0) next = {};
    else if (code in ON || code in OFF) next = { ...next, ...ON[code], ...OFF[code] };
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) next = { ...next, fg: COLOURS[code % 10]! };
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) next = { ...next, bg: COLOURS[code % 10]! };
    else if (code === 38 || code === 48) {
      const [colour, taken] = extended(codes, at + 1);
      if (colour) next = { ...next, [code === 38 ? "fg" : "bg"]: colour };
      at += taken;
    }
  }
  return next;
}

/** A line as pieces of one style each. A style ends with its line. */
export function parseAnsi(text: string): Span[] {
  const spans: Span[] = [];
  let style: Style = {};
  let from = 0;
  const push = (piece: string) => {
    if (piece) spans.push({ text: piece, style });
  };
  for (const found of text.matchAll(ESCAPE)) {
    push(text.slice(from, found.index));
    from = found.index + found[0].length;
    const [, parameters = "", final] = found;
    if (final === "m" && /^[\d;:]*$/.test(parameters)) style = applied(style, parameters.split(/[;:]/).map(Number));
  }
  push(text.slice(from));
  return spans;
}
