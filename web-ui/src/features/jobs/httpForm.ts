import type { HttpExecutor, HttpMethod } from "@/api/engine";
import { checkJson } from "@/lib/json";
import { parseJson } from "@/lib/json-parse";
import { strings } from "@/lib/strings";

const t = strings.jobs.http;

export interface HeaderRow {
  name: string;
  value: string;
  secret: boolean;
}
export interface HttpValues {
  method: HttpMethod;
  url: string;
  headers: HeaderRow[];
  /** `payload`: no body of its own, the payload is sent. */
  body_kind: "payload" | "json" | "text";
  body: string;
  expect: string;
}

export const emptyHttp: HttpValues = { method: "POST", url: "", headers: [], body_kind: "payload", body: "", expect: "2xx" };

/** What the server shows in the place of a value that it keeps; sent back, it stays as it is. */
export const HIDDEN = "***";
const ALWAYS_SECRET = ["authorization", "cookie"];
export const alwaysSecret = (name: string): boolean => ALWAYS_SECRET.includes(name.trim().toLowerCase());
export const sendsBody = (method: HttpMethod): boolean => method === "POST" || method === "PUT" || method === "PATCH";

export function httpValuesFrom(executor: HttpExecutor): HttpValues {
  const secret = new Set((executor.secret_headers ?? []).map((name) => name.toLowerCase()));
  const { body } = executor;
  return {
    method: executor.method,
    url: executor.url,
    headers: Object.entries(executor.headers ?? {}).map(([name, value]) => ({ name, value, secret: value === HIDDEN || secret.has(name.toLowerCase()) || alwaysSecret(name) })),
    body_kind: body === null || body === undefined ? "payload" : typeof body === "string" ? "text" : "json",
    body: typeof body === "string" ? body : body === null || body === undefined ? "" : JSON.stringify(body, null, 2),
    expect: executor.expect ?? "2xx",
  };
}

/** What is not JSON yet goes as it is typed: the form says so before it is sent. */
function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

export function httpFrom(values: HttpValues): HttpExecutor {
  const rows = values.headers.map((row) => ({ ...row, name: row.name.trim() })).filter((row) => row.name);
  return {
    type: "http",
    method: values.method,
    url: values.url.trim(),
    headers: Object.fromEntries(rows.map((row) => [row.name, row.value])),
    secret_headers: rows.filter((row) => row.secret && !alwaysSecret(row.name)).map((row) => row.name),
    expect: values.expect.trim() || "2xx",
    ...(values.body_kind === "payload" ? {} : { body: values.body_kind === "json" ? jsonOf(values.body) : values.body }),
  };
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const REFUSED = ["host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "proxy-authorization", "proxy-authenticate", "proxy-connection"];
const EXPECT = /^\s*([1-5]xx|[1-5]\d\d(\s*-\s*[1-5]\d\d)?)\s*(,\s*([1-5]xx|[1-5]\d\d(\s*-\s*[1-5]\d\d)?)\s*)*$/i;

export function validateHttp(values: HttpValues): Record<string, string | undefined> {
  const errors: Record<string, string | undefined> = {};
  const url = values.url.trim();
  if (!url) errors["executor.url"] = strings.common.required;
  else if (!/^https?:\/\/[^\s/]+/i.test(url)) errors["executor.url"] = t.badUrl;
  const names = values.headers.map((row) => row.name.trim().toLowerCase());
  const bad = values.headers.find((row) => (row.name.trim() || row.value) && !TOKEN.test(row.name.trim()));
  const refused = names.find((name) => REFUSED.includes(name));
  const twice = names.find((name, index) => name && names.indexOf(name) !== index);
  if (bad) errors["executor.headers"] = t.badHeader(bad.name || "–");
  else if (refused) errors["executor.headers"] = t.refusedHeader(refused);
  else if (twice) errors["executor.headers"] = t.twiceHeader(twice);
  if (values.body_kind === "json") {
    const check = checkJson(values.body);
    if (!check.ok) errors["executor.body"] = values.body.trim() ? strings.jobs.payloadLine(check.message ?? "", check.line ?? 1, check.column ?? 1) : strings.common.required;
  }
  if (values.expect.trim() && !EXPECT.test(values.expect)) errors["executor.expect"] = t.badExpect;
  return errors;
}
