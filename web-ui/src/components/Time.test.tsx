import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AuthProvider } from "@/features/auth/AuthProvider";
import { formatStamp } from "@/lib/format";
import { timePrefs } from "@/lib/timePrefs";
import { Countdown, TimeAgo } from "./Time";
import { TimeTip } from "./TimeTip";

const now = Date.parse("2026-11-24T12:00:00Z");
const ago = "2026-11-24T11:57:00Z";

vi.mock("@/api/auth", () => ({ getMeta: () => new Promise(() => undefined), logOut: () => Promise.resolve() }));

beforeEach(() => vi.useFakeTimers({ now }));
afterEach(() => {
  cleanup();
  timePrefs.set({ style: "relative", zone: "own" });
  vi.useRealTimers();
});

describe("a time in a list", () => {
  it("is relative, or exact with its zone, for the whole page at once", () => {
    timePrefs.set({ zone: "utc" });
    render(
      <AuthProvider>
        <TimeAgo at={ago} />
        <Countdown at="2026-11-24T12:00:48Z" />
      </AuthProvider>,
    );
    screen.getByText("3 min. ago");
    screen.getByText("in 48 s");
    act(() => timePrefs.toggleStyle());
    screen.getByText("24 Nov, 11:57 UTC");
    screen.getByText("24 Nov, 12:00:48 UTC");
    expect(JSON.parse(localStorage.getItem("scheduler.times") ?? "{}")).toMatchObject({ style: "exact" });
    act(() => timePrefs.toggleStyle());
    screen.getByText("3 min. ago");
  });
  it("says its year when it is not near", () => {
    expect(formatStamp("2025-11-24T12:00:00Z", "UTC", now)).toBe("24 Nov 2025, 12:00:00 UTC");
  });
});

describe("the tip of a time", () => {
  const shown = () => document.querySelector("[data-time-tip]")?.textContent;
  function start() {
    timePrefs.set({ zone: "utc" });
    render(
      <AuthProvider>
        <TimeAgo at={ago} />
        <a href="#away">
          <TimeAgo at={ago} />
        </a>
        <TimeTip />
      </AuthProvider>,
    );
    return screen.getAllByText("3 min. ago");
  }

  it("comes under the pointer, stays while the pointer is on it, and goes", () => {
    const [time] = start();
    fireEvent.pointerOver(time!, { pointerType: "mouse" });
    expect(shown()).toBeUndefined();
    act(() => void vi.advanceTimersByTime(300));
    expect(shown()).toMatch(/24 Nov 2026, 11:57:00 UTC.*3 min. ago.*2026-11-24T11:57:00Z/);
    fireEvent.pointerOver(document.body, { pointerType: "mouse" });
    act(() => void vi.advanceTimersByTime(100));
    fireEvent.pointerOver(document.querySelector("[data-time-tip]")!, { pointerType: "mouse" });
    act(() => void vi.advanceTimersByTime(1000));
    expect(shown()).toBeDefined();
    fireEvent.pointerOver(document.body, { pointerType: "mouse" });
    act(() => void vi.advanceTimersByTime(300));
    expect(shown()).toBeUndefined();
  });
  it("comes on a tap, unless the tap is meant for a link, and goes with the next one or with Escape", () => {
    const [time, linked] = start();
    fireEvent.pointerDown(linked!, { pointerType: "touch" });
    expect(shown()).toBeUndefined();
    fireEvent.pointerDown(time!, { pointerType: "touch" });
    expect(shown()).toBeDefined();
    fireEvent.pointerDown(document.body, { pointerType: "touch" });
    expect(shown()).toBeUndefined();
    fireEvent.pointerDown(time!, { pointerType: "touch" });
    fireEvent.keyDown(document.body, { key: "Escape" });
    expect(shown()).toBeUndefined();
  });
});
