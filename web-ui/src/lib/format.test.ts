import { describe, expect, it } from "vitest";
import { byteLength, describeAgent, formatBytes, formatClock, formatCountdown, formatDuration, formatInstant, formatLeft, formatNumber, formatPercent, formatRelative, maskEmail, plural, shortId } from "./format";
import { timePrefs } from "./timePrefs";

const now = Date.parse("2026-11-24T12:00:00Z");
const at = (ms: number) => new Date(now + ms).toISOString();

describe("formatRelative", () => {
  it.each([
    [-2_000, "just now"],
    [3_000, "just now"],
    [-30_000, "30 sec. ago"],
    [-59_600, "1 min. ago"],
    [-59.6 * 60_000, "1 hr. ago"],
    [-23.6 * 3_600_000, "yesterday"],
    [-5 * 60_000, "5 min. ago"],
    [2 * 3_600_000, "in 2 hr."],
    [-86_400_000, "yesterday"],
    [-40 * 86_400_000, "last mo."],
    [-800 * 86_400_000, "2 yr. ago"],
  ])("%d ms is %s", (difference, text) => expect(formatRelative(at(difference), now)).toBe(text));
  it("says a dash for what is no time", () => expect(formatRelative("soon", now)).toBe("–"));
});

describe("formatDuration", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [3_000, "3.0 s"],
    [59_949, "59.9 s"],
    [59_960, "1 m 00 s"],
    [65_000, "1 m 05 s"],
    [3_600_000, "1 h 00 m"],
    [7_440_000, "2 h 04 m"],
    [90_000_000, "1 d 1 h"],
    [-5, "0 ms"],
    [null, "–"],
    [undefined, "–"],
    [Number.NaN, "–"],
  ])("%s is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe("the other formats", () => {
  it("counts down to zero and not below", () => {
    expect(formatCountdown(299_001)).toBe("5:00");
    expect(formatCountdown(59_000)).toBe("0:59");
    expect(formatCountdown(-1)).toBe("0:00");
  });
  it("never rounds a failure away", () => {
    expect(formatPercent(0.9999)).toBe("99.9%");
    expect(formatPercent(1)).toBe("100%");
    expect(formatPercent(0)).toBe("0.0%");
    expect(formatPercent(null)).toBe("–");
  });
  it("names the zone of an instant", () => {
    expect(formatInstant("2026-07-01T12:00:00Z", "Europe/Berlin")).toBe("1 Jul 2026, 14:00:00 CEST");
    expect(formatInstant("2026-07-01T12:00:00Z", "No/Where")).toBe("1 Jul 2026, 12:00:00 UTC");
    expect(formatInstant("never", "UTC")).toBe("–");
  });
  it("shortens", () => {
    expect(formatNumber(12_345)).toBe("12,345");
    expect(formatNumber(1_234_567)).toBe("1.2M");
    expect(formatBytes(2048)).toBe("2.0 KiB");
    expect(byteLength("ä€")).toBe(5);
    expect(shortId("0198c5a0-0000-7000-8000-00000000abcd")).toBe("0198c5a0…abcd");
    expect(shortId("short")).toBe("short");
    expect(plural(1, "run")).toBe("1 run");
    expect(plural(2, "run")).toBe("2 runs");
    expect(maskEmail("ada@example.com")).toBe("a***@example.com");
    expect(maskEmail("odd")).toBe("odd");
  });
  it("reads user agents", () => {
    expect(describeAgent("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36")).toBe("Chrome on Linux");
    expect(describeAgent("Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605 Version/20 Mobile Safari/604")).toBe("Safari on iOS");
    expect(describeAgent("curl/8.1")).toBe("curl/8.1");
    expect(describeAgent(null)).toBe("Unknown client");
  });
});

describe("what is left, and clocks", () => {
  it("counts down in words that are no time of day", () => {
    expect(formatLeft(47_100)).toBe("48 s");
    expect(formatLeft(31 * 60_000 + 6_200)).toBe("31 m 07 s");
    expect(formatLeft(-5)).toBe("0 s");
  });
  it("reads clocks as the person does, and forgets nothing of it in what it made before", () => {
    expect(formatClock(14, 5)).toBe("14:05");
    expect(formatInstant("2026-11-26T14:05:00Z", "UTC", "hour")).toBe("14:05");
    timePrefs.set({ clock: "12" });
    expect(formatClock(0, 5)).toBe("12:05 am");
    expect(formatInstant("2026-11-26T14:05:00Z", "UTC", "hour")).toMatch(/^0?2:05 pm$/);
    timePrefs.set({ clock: "24" });
    expect(formatInstant("2026-11-26T14:05:00Z", "UTC", "hour")).toBe("14:05");
  });
});
