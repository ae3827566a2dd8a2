import { act, renderHook, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import type { Page } from "@/api/types";
import { useForm } from "./useForm";
import { usePages } from "./usePages";
import { forgetResources, useResource } from "./useResource";
import { useSettled } from "./useSettled";

const deferred = <T,>() => {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
};

describe("useResource", () => {
  it("loads, keeps old data while reloading, and keeps it when that fails", async () => {
    forgetResources();
    const load = vi.fn().mockResolvedValueOnce("one").mockRejectedValueOnce(new Problem({ status: 500, code: "internal", title: "x" }));
    const { result } = renderHook(() => useResource("a", load));
    expect(result.current).toMatchObject({ data: undefined, loading: true });
    await waitFor(() => expect(result.current.data).toBe("one"));
    act(() => result.current.reload());
    expect(result.current).toMatchObject({ data: "one", loading: true });
    await waitFor(() => expect(result.current.error?.status).toBe(500));
    expect(result.current.data).toBe("one");
  });

  it("never shows an answer under another key", async () => {
    forgetResources();
    const slow = deferred<string>();
    const load = vi.fn((_signal: AbortSignal) => slow.promise);
    const { result, rerender } = renderHook(({ id }) => useResource(`x/${id}`, id === 1 ? load : () => Promise.resolve("two")), { initialProps: { id: 1 } });
    rerender({ id: 2 });
    await waitFor(() => expect(result.current.data).toBe("two"));
    expect(load.mock.calls[0]?.[0].aborted).toBe(true);
    await act(async () => slow.resolve("one"));
    expect(result.current.data).toBe("two");
  });

  it("shows what it knows at once when one comes back", async () => {
    forgetResources();
    const first = renderHook(() => useResource("back", () => Promise.resolve("seen")));
    await waitFor(() => expect(first.result.current.data).toBe("seen"));
    first.unmount();
    const again = deferred<string>();
    const second = renderHook(() => useResource("back", () => again.promise));
    expect(second.result.current.data).toBe("seen");
    forgetResources();
    const third = renderHook(() => useResource("back", () => again.promise));
    expect(third.result.current.data).toBeUndefined();
  });

  it("does nothing without a key", () => {
    const load = vi.fn();
    const { result } = renderHook(() => useResource(null, load));
    expect(result.current.loading).toBe(false);
    expect(load).not.toHaveBeenCalled();
  });
});

describe("useSettled", () => {
  it("asks once for a burst, and again for the next one; never after leaving", () => {
    vi.useFakeTimers();
    const work = vi.fn();
    const { result, unmount } = renderHook(() => useSettled(work, 500));
    for (let number = 0; number < 20; number += 1) result.current();
    vi.advanceTimersByTime(499);
    expect(work).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(work).toHaveBeenCalledTimes(1);
    result.current();
    vi.advanceTimersByTime(500);
    expect(work).toHaveBeenCalledTimes(2);
    result.current();
    unmount();
    vi.advanceTimersByTime(500);
    expect(work).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });
});

describe("usePages", () => {
  it("appends pages without doubles", async () => {
    forgetResources();
    const pages: Record<string, Page<string>> = {
      first: { data: ["a", "b"], has_more: true, next_cursor: "c1" },
      c1: { data: ["b", "c"], has_more: false, next_cursor: null },
    };
    const load = (cursor: string | null) => Promise.resolve(pages[cursor ?? "first"]!);
    const { result } = renderHook(() => usePages("pages", load, (item) => item));
    await waitFor(() => expect(result.current.items).toEqual(["a", "b"]));
    expect(result.current.hasMore).toBe(true);
    act(() => result.current.loadMore());
    await waitFor(() => expect(result.current.items).toEqual(["a", "b", "c"]));
    expect(result.current.hasMore).toBe(false);
  });

  it("reads again as far as it was read, and is found like that on the way back", async () => {
    forgetResources();
    let round = 1;
    const load = vi.fn((cursor: string | null) => Promise.resolve(cursor ? { data: [`c${round}`], has_more: false, next_cursor: null } : { data: [`a${round}`], has_more: true, next_cursor: "n" }));
    const first = renderHook(() => usePages("deep", load, (item) => item));
    await waitFor(() => expect(first.result.current.items).toEqual(["a1"]));
    act(() => first.result.current.loadMore());
    await waitFor(() => expect(first.result.current.items).toEqual(["a1", "c1"]));
    round = 2;
    act(() => first.result.current.reload());
    await waitFor(() => expect(first.result.current.items).toEqual(["a2", "c2"]));
    first.unmount();
    round = 3;
    const second = renderHook(() => usePages("deep", load, (item) => item));
    expect(second.result.current.items).toEqual(["a2", "c2"]);
    await waitFor(() => expect(second.result.current.items).toEqual(["a3", "c3"]));
    second.unmount();
    forgetResources();
    const third = renderHook(() => usePages("deep", load, (item) => item));
    await waitFor(() => expect(third.result.current.items).toEqual(["a3"]));
  });

  it("refreshes its first page without losing the others", async () => {
    forgetResources();
    let first = [{ id: "b", n: 1 }, { id: "a", n: 1 }];
    const load = (cursor: string | null) => Promise.resolve(cursor ? { data: [{ id: "0", n: 1 }], has_more: false, next_cursor: null } : { data: first, has_more: true, next_cursor: "n" });
    const { result } = renderHook(() => usePages("fresh", load, ({ id }) => id));
    await waitFor(() => expect(result.current.items).toHaveLength(2));
    act(() => result.current.loadMore());
    await waitFor(() => expect(result.current.items).toHaveLength(3));
    first = [{ id: "c", n: 2 }, { id: "b", n: 2 }];
    act(() => result.current.refresh());
    await waitFor(() => expect(result.current.items).toEqual([{ id: "c", n: 2 }, { id: "b", n: 2 }, { id: "a", n: 1 }, { id: "0", n: 1 }]));
    expect(result.current.hasMore).toBe(false);
  });

  it("tells of a page that failed, and keeps the rest", async () => {
    forgetResources();
    const load = (cursor: string | null) => (cursor ? Promise.reject(new Error("gone")) : Promise.resolve({ data: ["a"], has_more: true, next_cursor: "c" }));
    const { result } = renderHook(() => usePages("failing", load, (item) => item));
    await waitFor(() => expect(result.current.items).toEqual(["a"]));
    act(() => result.current.loadMore());
    await waitFor(() => expect(result.current.moreError).not.toBeNull());
    expect(result.current.items).toEqual(["a"]);
  });
});

describe("useForm", () => {
  const FIELDS = ["name", "executor.duration_ms"] as const;

  it("does not send what it knows to be wrong", async () => {
    const submit = vi.fn();
    const { result } = renderHook(() => useForm({ initial: { name: "" }, fields: FIELDS, validate: ({ name }) => ({ name: name ? undefined : "missing" }), submit }));
    await act(() => result.current.onSubmit());
    expect(submit).not.toHaveBeenCalled();
    expect(result.current.errors.name).toBe("missing");
    act(() => result.current.set("name", "x"));
    expect(result.current.errors.name).toBeUndefined();
  });

  it("puts the server's errors on their fields, and the rest above", async () => {
    const problem = new Problem({
      status: 422, code: "validation_failed", title: "Not valid",
      errors: [{ pointer: "/executor/duration_ms", code: "range", message: "too long" }, { pointer: "/colour", code: "unknown_field", message: "not known" }],
    });
    const { result } = renderHook(() => useForm({ initial: { name: "x" }, fields: FIELDS, submit: () => Promise.reject(problem) }));
    await act(() => result.current.onSubmit());
    expect(result.current.errors).toEqual({ "executor.duration_ms": "Too long." });
    expect(result.current.rest).toEqual(["colour: not known"]);
    expect(result.current.problem).toBe(problem);
    expect(result.current.busy).toBe(false);
  });

  it("sends once, however often it is pressed", async () => {
    const wait = deferred<void>();
    const submit = vi.fn(() => wait.promise);
    const { result } = renderHook(() => useForm({ initial: { name: "x" }, fields: FIELDS, submit }));
    let both!: Promise<unknown>;
    act(() => {
      both = Promise.all([result.current.onSubmit(), result.current.onSubmit()]);
    });
    expect(result.current.busy).toBe(true);
    await act(async () => {
      wait.resolve();
      await both;
    });
    expect(submit).toHaveBeenCalledTimes(1);
  });
});
