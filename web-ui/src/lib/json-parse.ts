type RawJson = { rawJSON?: (text: string) => unknown };
type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;

const rawJson = (JSON as RawJson).rawJSON?.bind(JSON);

/**
 * JSON.parse that keeps integers JavaScript cannot hold (ids of other systems in a payload): such a number
 * becomes a raw JSON value, which JSON.stringify writes back digit by digit. Browsers without
 * `JSON.rawJSON` behave as before.
 */
export function parseJson(text: string): unknown {
  if (!rawJson || !/\d{16,}/.test(text)) return JSON.parse(text);
  const reviver: Reviver = (_key, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && context?.source && /^-?\d+$/.test(context.source)
      ? rawJson(context.source)
      : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}
