import { AxiosError } from "axios";

export interface FieldProblem {
  pointer: string;
  code: string;
  message: string;
  allowed?: string[];
}

/** RFC 9457 problem details, as every failure of the API is told; also network failures, as `offline`. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly errors: FieldProblem[];
  readonly retryAfter: number | null;
  readonly extra: Record<string, unknown>;

  constructor(init: {
    status: number;
    code: string;
    title: string;
    detail?: string;
    requestId?: string | null;
    errors?: FieldProblem[];
    retryAfter?: number | null;
    extra?: Record<string, unknown>;
  }) {
    super(init.detail || init.title);
    this.name = "Problem";
    this.status = init.status;
    this.code = init.code;
    this.title = init.title;
    this.detail = init.detail ?? "";
    this.requestId = init.requestId ?? null;
    this.errors = init.errors ?? [];
    this.retryAfter = init.retryAfter ?? null;
    this.extra = init.extra ?? {};
  }

  get offline(): boolean {
    return this.code === "offline";
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fieldProblems(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((entry) => ({
    pointer: String(entry.pointer ?? ""),
    code: String(entry.code ?? "invalid"),
    message: String(entry.message ?? "Not valid"),
    allowed: Array.isArray(entry.allowed) ? entry.allowed.map(String) : undefined,
  }));
}

export function problemFromBody(status: number, body: unknown, headers: Record<string, unknown> = {}): Problem {
  const record = isRecord(body) ? body : {};
  const retry = Number(record.retry_after ?? headers["retry-after"]);
  return new Problem({
    status,
    code: typeof record.code === "string" ? record.code : `http_${status}`,
    title: typeof record.title === "string" ? record.title : `The server answered ${status}`,
    detail: typeof record.detail === "string" ? record.detail : "",
    requestId: String(record.request_id ?? headers["x-request-id"] ?? "") || null,
    errors: fieldProblems(record.errors),
    retryAfter: Number.isFinite(retry) && retry > 0 ? retry : null,
    extra: record,
  });
}

/** Whatever was thrown, as a Problem. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof AxiosError) {
    if (error.response) {
      return problemFromBody(
        error.response.status,
        error.response.data,
        error.response.headers as unknown as Record<string, unknown>,
      );
    }
    return new Problem({
      status: 0,
      code: error.code === AxiosError.ERR_CANCELED ? "cancelled" : "offline",
      title: "The server cannot be reached",
      detail: "Check that the scheduler is running and that this device is online.",
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new Problem({ status: -1, code: "client_error", title: "Something went wrong in this page", detail: message });
}

/** The server's messages are parts of a sentence ("must not be empty"); alone at a field they stand as one. */
export function asSentence(message: string): string {
  const text = message.trim();
  if (!text) return text;
  return `${text[0]!.toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`;
}

/** Refusals that are about one field without naming it. */
const FIELD_OF_CODE: Record<string, string> = { external_id_taken: "external_id" };

/** `/executor/duration_ms` -> `executor.duration_ms`; `/tags/2` -> `tags.2`. */
export function pointerToField(pointer: string): string {
  return pointer
    .replace(/^#/, "")
    .split("/")
    .filter((part) => part !== "")
    .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"))
    .join(".");
}

/**
 * Sorts a problem's field errors into the fields a form has; what no field takes stays in `rest`.
 * A pointer below a field (`/tags/2`, `/payload/a`) belongs to the field.
 */
export function fieldErrors(problem: Problem, fields: readonly string[]): { byField: Record<string, string>; rest: string[] } {
  const byField: Record<string, string> = {};
  const rest: string[] = [];
  for (const entry of problem.errors) {
    const path = pointerToField(entry.pointer);
    const home = fields
      .filter((field) => path === field || path.startsWith(`${field}.`))
      .sort((a, b) => b.length - a.length)[0];
    if (home && !byField[home]) byField[home] = asSentence(entry.message);
    else if (!home) rest.push(path ? `${path}: ${entry.message}` : asSentence(entry.message));
  }
  const field = FIELD_OF_CODE[problem.code];
  if (field && fields.includes(field) && !byField[field]) byField[field] = asSentence(problem.detail || problem.title);
  return { byField, rest };
}
