import { act, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useNow } from "./useNow";

describe("the time that rows look at", () => {
  afterEach(() => void vi.useRealTimers());
  it("ticks for all of them by one timer, which ends with the last", () => {
    vi.useFakeTimers();
    const rows = Array.from({ length: 50 }, () => renderHook(() => useNow(1000)));
    const idle = renderHook(() => useNow(1000, false));
    expect(vi.getTimerCount()).toBe(1);
    const before = rows.map(({ result }) => result.current);
    act(() => void vi.advanceTimersByTime(1000));
    expect(rows.every(({ result }, index) => result.current === before[index]! + 1000)).toBe(true);
    expect(idle.result.current).toBe(before[0]);
    rows.slice(1).forEach(({ unmount }) => unmount());
    expect(vi.getTimerCount()).toBe(1);
    rows[0]!.unmount();
    expect(vi.getTimerCount()).toBe(0);
  });
});
