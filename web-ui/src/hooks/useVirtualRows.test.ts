import { act, renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { offsetsOf, rowAt, useVirtualRows } from "./useVirtualRows";

describe("virtual rows", () => {
  it("know where each row is", () => {
    const offsets = offsetsOf(4, (index) => [20, 60, 20, 40][index]!);
    expect([...offsets]).toEqual([0, 20, 80, 100, 140]);
    expect([0, 19, 20, 79, 80, 99, 139, 500].map((offset) => rowAt(offsets, offset))).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(rowAt(offsetsOf(0, () => 20), 50)).toBe(0);
  });
  it("are few, wherever one looks in 10,000", () => {
    const { result } = renderHook(() => useVirtualRows({ count: 10_000, view: 400, estimate: (index) => (index % 10 === 0 ? 40 : 20), measured: null }));
    expect(result.current).toMatchObject({ first: 0, offset: 0, total: 220_000 });
    expect(result.current.last).toBeLessThan(50);
    act(() => result.current.setTop(110_000));
    expect(result.current.first).toBe(4_980);
    expect(result.current.last - result.current.first).toBeLessThan(65);
    expect(result.current.offsetOf(5_000)).toBe(110_000);
    act(() => result.current.setTop(219_600));
    expect(result.current.last).toBe(10_000);
  });
});
