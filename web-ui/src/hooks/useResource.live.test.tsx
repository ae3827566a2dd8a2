// What a resource does when the live line tells of things, and when it is cut.
import { act, renderHook, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { useResource } from "./useResource";

const line = vi.hoisted(() => ({ state: "live" }));
vi.mock("@/live/LiveProvider", () => ({ useLive: () => ({ state: line.state, onResync: () => () => undefined }) }));

const failure = (status: number, code: string) => new Problem({ status, code, title: code });

describe("useResource and the live line", () => {
  it("does to an answer what was told while it was on its way", async () => {
    let answer = (_: string[]): void => undefined;
    const { result } = renderHook(() => useResource("told", () => new Promise<string[]>((resolve) => (answer = resolve))));
    act(() => result.current.mutate((known) => [...known, "new"]));
    act(() => answer(["old"]));
    await waitFor(() => expect(result.current.data).toEqual(["old", "new"]));
    act(() => result.current.reload());
    act(() => answer(["other"]));
    await waitFor(() => expect(result.current.data).toEqual(["other"]));
  });

  it.each([
    ["a cut line", failure(0, "offline"), 2],
    ["a server that could not answer", failure(503, "unavailable"), 2],
    ["a page that does not exist", failure(404, "not_found"), 1],
  ])("asks again after %s only where that may help", async (_, problem, times) => {
    line.state = "live";
    const load = vi.fn(() => Promise.reject<string>(problem));
    const { result, rerender } = renderHook(() => useResource(`cut/${problem.code}`, load));
    await waitFor(() => expect(result.current.error).not.toBeNull());
    line.state = "down";
    rerender();
    expect(load).toHaveBeenCalledTimes(1);
    line.state = "live";
    rerender();
    await waitFor(() => expect(result.current.loading).toBe(false));
    rerender();
    expect(load).toHaveBeenCalledTimes(times);
  });
});
