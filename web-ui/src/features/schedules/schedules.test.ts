import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api } from "@/api/client";
import { Problem } from "@/api/problem";
import type { Schedule } from "@/api/engine";
import { isoToLocal, localToIso, searchZones } from "@/lib/zones";
import { fieldAt } from "./CronFields";
import { fillByWeek, type Days } from "./days";
import { weeksFrom } from "./MiniCalendar";
import { usePreview } from "./usePreview";
import { emptySchedule, scheduleFrom, scheduleValuesFrom, validateSchedule } from "./values";
import { cronWords, everyWords, scheduleWords } from "./words";

describe("civil time", () => {
  it("goes to UTC and back", () => {
    expect(localToIso("2026-07-01T09:00", "Europe/Berlin")).toBe("2026-07-01T07:00:00Z");
    expect(localToIso("2026-12-01T09:00", "America/New_York")).toBe("2026-12-01T14:00:00Z");
    expect(isoToLocal("2026-12-01T14:00:00Z", "America/New_York")).toBe("2026-12-01T09:00");
    expect(localToIso("", "UTC")).toBeNull();
    expect(localToIso("2026-12-01T09:00", "Mars/Olympus")).toBeNull();
  });
  it("takes the first pass of a repeat, and the first instant after a gap", () => {
    expect(localToIso("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00Z");
    expect(localToIso("2026-03-29T02:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00Z");
  });
  it("finds a zone by its city", () => {
    expect(searchZones("berl")[0]).toBe("Europe/Berlin");
    expect(searchZones("new york")[0]).toBe("America/New_York");
    expect(searchZones("nowhere at all")).toEqual([]);
  });
});

describe("the schedule builder", () => {
  const base = { ...emptySchedule("Europe/Berlin"), kind: "cron" as const, expression: " 30  2 * * * " };
  it("says what it means, and leaves defaults out", () => {
    expect(scheduleFrom({ ...base, kind: "none" })).toBeNull();
    expect(scheduleFrom(base)).toEqual({ type: "cron", expression: "30 2 * * *", time_zone: "Europe/Berlin" });
    expect(scheduleFrom({ ...base, on_gap: "skip", jitter: "30", end_at: "2026-12-01T00:00" })).toEqual({ type: "cron", expression: "30 2 * * *", time_zone: "Europe/Berlin", on_gap: "skip", jitter_seconds: 30, end_at: "2026-11-30T23:00:00Z" });
    expect(scheduleFrom({ ...base, kind: "interval", every: "90", unit: "minutes" })).toEqual({ type: "interval", every_seconds: 5400 });
  });
  it.each<Schedule>([
    { type: "once", at: "2026-12-01T14:00:05Z" },
    { type: "interval", every_seconds: 7200, start_at: "2026-12-01T14:00:00Z" },
    { type: "cron", expression: "0 9 * * 1-5", time_zone: "America/New_York", on_repeat: "both", jitter_seconds: 5 },
  ])("comes back as it went: $type", (schedule) => expect(scheduleFrom(scheduleValuesFrom(schedule, "Europe/Berlin"))).toEqual(schedule));
  it("names what is missing", () => {
    expect(validateSchedule({ ...base, expression: "* * *" })["schedule.expression"]).toMatch(/3 parts/);
    expect(validateSchedule({ ...base, kind: "once", at: "" })["schedule.at"]).toBeTruthy();
    expect(validateSchedule({ ...base, time_zone: "Berlin" })["schedule.time_zone"]).toBeTruthy();
    expect(validateSchedule({ ...base, start_at: "2026-12-02T00:00", end_at: "2026-12-01T00:00" })["schedule.end_at"]).toBeTruthy();
    expect(Object.values(validateSchedule({ ...base, expression: "@daily" })).filter(Boolean)).toEqual([]);
  });
  it("knows the part the caret stands in", () => expect([0, 2, 3, 5, 9].map((caret) => fieldAt("30 2 * * *", caret))).toEqual([0, 0, 1, 2, 4]));
});

describe("short words", () => {
  it.each([
    ["*/15 * * * *", "Every 15 minutes"],
    ["0 * * * *", "Hourly"],
    ["5 9 * * *", "Daily at 09:05"],
    ["0 9 * * 1-5", "Weekdays at 09:00"],
    ["0 6 * * 1,4", "Mon, Thu at 06:00"],
    ["0 0 1 * *", "Monthly on day 1 at 00:00"],
    ["0 9 1 * 1", null],
    ["0 0 L * *", null],
  ])("%s", (expression, words) => expect(cronWords(expression)).toBe(words));
  it("fall back to the expression", () => {
    expect(scheduleWords({ type: "cron", expression: "0 0 L * *", time_zone: "UTC" }, "UTC")).toEqual({ text: "0 0 L * *", code: true });
    expect(scheduleWords(null, "UTC").text).toBe("On demand");
    expect([60, 90, 86_400, 7200].map(everyWords)).toEqual(["minute", "90 seconds", "day", "2 hours"]);
  });
});

describe("the preview", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const schedule = (expression: string): Schedule => ({ type: "cron", expression, time_zone: "UTC" });

  it("asks once for a burst of typing, and shows the last answer", async () => {
    const post = vi.spyOn(api, "post").mockResolvedValue({ data: { description: "Daily", time_zone: "UTC", data: [] } });
    const { result, rerender } = renderHook(({ value }) => usePreview(value), { initialProps: { value: schedule("0 1 * * *") } });
    rerender({ value: schedule("0 12 * * *") });
    await act(() => vi.advanceTimersByTimeAsync(400));
    expect(post).toHaveBeenCalledTimes(1);
    expect(post.mock.calls[0]?.[1]).toMatchObject({ schedule: { expression: "0 12 * * *" }, count: 10 });
    expect(result.current.preview?.description).toBe("Daily");
  });
  it("puts the server's objection at its field", async () => {
    vi.spyOn(api, "post").mockRejectedValue(new Problem({ status: 422, code: "validation_failed", title: "x", errors: [{ pointer: "/schedule/expression", code: "invalid_cron", message: "hour 25 is out of range" }] }));
    const { result } = renderHook(() => usePreview(schedule("0 25 * * *")));
    await act(() => vi.advanceTimersByTimeAsync(400));
    expect(result.current.errors).toEqual({ "schedule.expression": "Hour 25 is out of range." });
  });
});

describe("the small calendar", () => {
  it("begins at a Monday, whatever today is", () => {
    const weeks = weeksFrom("2026-11-26", 2);
    expect(weeks[0]).toEqual(["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29"]);
    expect(weeks[1]?.at(-1)).toBe("2026-12-06");
    expect(weeksFrom("2026-11-29", 1)[0]?.[0]).toBe("2026-11-23");
  });
  it("goes on as the week before did, and says so", () => {
    const days: Days = { counts: new Map([["2026-11-23", 4], ["2026-11-24", 0], ["2026-11-25", 2]]), least: new Set(), about: new Set(), changes: new Set() };
    fillByWeek(days, "2026-11-30", "2026-12-08");
    expect(days.counts.get("2026-11-30")).toBe(4);
    expect(days.counts.get("2026-12-01")).toBeUndefined();
    expect(days.counts.get("2026-12-07")).toBe(4);
    expect(days.about.has("2026-12-08")).toBe(true);
    expect(days.about.has("2026-11-29")).toBe(false);
  });
});
