export interface JsonCheck {
  ok: boolean;
  /** The text re-indented, when it is valid. */
  formatted?: string;
  message?: string;
  line?: number;
  column?: number;
  offset?: number;
}

/**
 * Formats JSON without reading its numbers: `JSON.stringify(JSON.parse(x))` would silently turn
 * 12345678901234567890 into 12345678901234567000.
 */
export function formatJson(text: string): string {
  let out = "";
  let depth = 0;
  let inString = false;
  const newline = () => `\n${"  ".repeat(depth)}`;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (inString) {
      out += char;
      if (char === "\\") out += text[++i] ?? "";
      else if (char === '"') inString = false;
    } else if (char === '"') {
      inString = true;
      out += char;
    } else if (/\s/.test(char)) {
      continue;
    } else if (char === "{" || char === "[") {
      const close = char === "{" ? "}" : "]";
      const rest = /^\s*/.exec(text.slice(i + 1))![0].length;
      if (text[i + 1 + rest] === close) {
        out += char + close;
        i += rest + 1;
      } else {
        depth++;
        out += char + newline();
      }
    } else if (char === "}" || char === "]") {
      depth = Math.max(0, depth - 1);
      out += newline() + char;
    } else if (char === ",") {
      out += `,${newline()}`;
    } else if (char === ":") {
      out += ": ";
    } else {
      out += char;
    }
  }
  return out;
}

/** True when reading the text as JavaScript numbers would change one of them. */
export function losesNumbers(text: string): boolean {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return (bare.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g) ?? []).some(
    (number) => /^-?\d+$/.test(number) && !Number.isSafeInteger(Number(number)),
  );
}

export function checkJson(text: string): JsonCheck {
  try {
    JSON.parse(text);
    return { ok: true, formatted: formatJson(text) };
  } catch (error) {
    const raw = error instanceof Error ? error.message : String(error);
    const at = /at position (\d+)/.exec(raw);
    const end = /end of (JSON|data)/i.test(raw) || /Unterminated/i.test(raw);
    const offset = at ? Number(at[1]) : end ? text.length : 0;
    const before = text.slice(0, offset);
    const line = before.split("\n").length;
    const column = offset - before.lastIndexOf("\n");
    const message = raw
      .replace(/^JSON\.parse: /, "")
      .replace(/,? ?(\.\.\.)?".*" is not valid JSON$/s, "")
      .replace(/ in JSON at position.*$/s, "")
      .replace(/ \(line \d+ column \d+\)/, "");
    return { ok: false, message, line, column, offset };
  }
}

export type JsonToken = { text: string; kind: "key" | "string" | "number" | "atom" | "plain" };

/** Splits formatted JSON into tokens for colouring. Never throws; unknown text stays plain. */
export function tokenizeJson(text: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  const pattern = /("(?:[^"\\\n]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > last) tokens.push({ text: text.slice(last, match.index), kind: "plain" });
    if (match[1] !== undefined) {
      tokens.push({ text: match[1], kind: match[2] === undefined ? "string" : "key" });
      if (match[2] !== undefined) tokens.push({ text: match[2], kind: "plain" });
    } else if (match[3] !== undefined) tokens.push({ text: match[3], kind: "number" });
    else tokens.push({ text: match[4]!, kind: "atom" });
    last = match.index + match[0].length;
  }
  if (last < text.length) tokens.push({ text: text.slice(last), kind: "plain" });
  return tokens;
}
