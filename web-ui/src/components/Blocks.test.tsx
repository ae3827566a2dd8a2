import { act, cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BLOCK, cutAgain, uncut } from "@/hooks/useBlocks";
import { TableBlocks } from "./Blocks";

type Told = (entries: { isIntersecting: boolean; boundingClientRect: { height: number } }[]) => void;
const watched = new Map<Element, Told>();
class Observer {
  private readonly mine: Element[] = [];
  constructor(private readonly told: Told) {}
  observe(element: Element) {
    this.mine.push(element);
    watched.set(element, this.told);
  }
  disconnect() {
    this.mine.forEach((element) => watched.delete(element));
  }
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("rows in blocks", () => {
  it("stay in their blocks when others come on top; another list is cut anew", () => {
    const rows = (from: number, count: number) => ({ ids: (index: number) => (index < count ? `r${from - index}` : undefined), count });
    const cut = (known: typeof uncut, { ids, count }: ReturnType<typeof rows>) => cutAgain(known, ids, count);
    const first = cut(uncut, rows(100, 60));
    expect(first).toEqual({ first: "r100", lead: BLOCK, start: 0 });
    expect(cut(first, rows(100, 90))).toBe(first);
    const one = cut(first, rows(101, 61));
    expect(one).toEqual({ first: "r101", lead: 1, start: -1 });
    expect(cut(one, rows(110, 70))).toEqual({ first: "r110", lead: 10, start: -1 });
    expect(cut(one, rows(101 + 2 * BLOCK, 200))).toEqual({ first: `r${101 + 2 * BLOCK}`, lead: 1, start: -3 });
    expect(cut(one, rows(900, 60))).toEqual({ first: "r900", lead: BLOCK, start: 0 });
    expect(cut(one, rows(0, 0))).toEqual({ first: null, lead: BLOCK, start: 0 });
  });

  it("are in the page only near the window; far ones keep their room, and the one with the focus stays", () => {
    vi.stubGlobal("IntersectionObserver", Observer);
    const numbers = Array.from({ length: 1000 }, (_, index) => index);
    const near: number[] = [];
    const onNear = (rows: readonly number[]) => near.push(rows[0]!);
    const { container } = render(
      <table>
        <TableBlocks items={numbers} idOf={String} rowHeight={40} onNear={onNear}>
          {(number) => (
            <tr key={number} data-row={number}>
              <td>
                <a href="#row">{number}</a>
              </td>
            </tr>
          )}
        </TableBlocks>
      </table>,
    );
    const block = (index: number) => container.querySelectorAll("tbody")[index]!;
    const tell = (index: number, isIntersecting: boolean) => act(() => watched.get(block(index))?.([{ isIntersecting, boundingClientRect: { height: 2222 } }]));
    const rows = () => container.querySelectorAll("[data-row]").length;
    expect(rows()).toBe(50);
    expect(container.querySelector('[data-row="30"]')?.getAttribute("aria-rowindex")).toBe("32");
    expect(block(10).querySelector("tr")?.style.height).toBe("1000px");
    tell(10, true);
    expect(rows()).toBe(75);
    expect(near).toEqual([0, 25, 250]);
    tell(0, false);
    expect(rows()).toBe(50);
    expect(block(0).querySelector("tr")?.style.height).toBe("2222px");
    container.querySelector<HTMLElement>('[data-row="40"] a')?.focus();
    tell(1, false);
    expect(rows()).toBe(50);
  });
});
