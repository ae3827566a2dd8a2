import { describe, expect, it } from "vitest";
import { checkJson, formatJson, losesNumbers, tokenizeJson } from "./json";
import { parseJson } from "./json-parse";

describe("formatJson", () => {
  it("indents like JSON.stringify", () => {
    const value = { a: [1, 2, { b: null }], c: "x: {y}, [z] \"q\"", d: {}, e: [] };
    expect(formatJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  });
  it("keeps every digit", () => expect(formatJson('{"id":12345678901234567890,"x":1.10}')).toBe('{\n  "id": 12345678901234567890,\n  "x": 1.10\n}'));
  it("takes white space out, but not of strings", () => expect(formatJson('[ 1 ,\n "a  b" ]')).toBe('[\n  1,\n  "a  b"\n]'));
});

describe("checkJson", () => {
  it("says where it is wrong", () => {
    const bad = checkJson('{\n  "a": 1,\n}');
    expect(bad.ok).toBe(false);
    expect(bad.line).toBe(3);
    expect(bad.column).toBe(1);
    expect(bad.message).not.toMatch(/position|is not valid JSON/);
  });
  it("points at the end of what is not finished", () => {
    const bad = checkJson('{"a": [1');
    expect(bad.ok).toBe(false);
    expect(bad.offset).toBeGreaterThanOrEqual(7);
  });
  it("formats what is right", () => expect(checkJson("[1]")).toEqual({ ok: true, formatted: "[\n  1\n]" }));
});

describe("large numbers", () => {
  it("are noticed outside of strings", () => {
    expect(losesNumbers('{"a": 9007199254740993}')).toBe(true);
    expect(losesNumbers('{"a": "9007199254740993", "b": 9007199254740991}')).toBe(false);
  });
  it("survive parsing and writing where the browser can", () => {
    const text = '{"id":12345678901234567890,"n":1.5}';
    const again = JSON.stringify(parseJson(text));
    if ("rawJSON" in JSON) expect(again).toBe(text);
    else expect(JSON.parse(again)).toEqual(JSON.parse(text));
  });
});

describe("tokenizeJson", () => {
  it("tells keys from strings, and loses no text", () => {
    const text = '{"a": "b", "c": [1, -2.5e3, true, null]}';
    const tokens = tokenizeJson(text);
    expect(tokens.map((token) => token.text).join("")).toBe(text);
    expect(tokens.filter((token) => token.kind === "key").map((token) => token.text)).toEqual(['"a"', '"c"']);
    expect(tokens.filter((token) => token.kind === "number").map((token) => token.text)).toEqual(["1", "-2.5e3"]);
    expect(tokens.filter((token) => token.kind === "atom").map((token) => token.text)).toEqual(["true", "null"]);
  });
});
