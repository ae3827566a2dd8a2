import { act, cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { inBlocks } from "@/hooks/useBlocks";
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
  it("are cut without losing one", () => {
    expect(inBlocks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inBlocks([])).toEqual([]);
  });

  it("are in the page only near the window; far ones keep their room, and the one with the focus stays", () => {
    vi.stubGlobal("IntersectionObserver", Observer);
    const numbers = Array.from({ length: 1000 }, (_, index) => index);
    const near: number[] = [];
    const { container } = render(
      <table>
        <TableBlocks items={numbers} rowHeight={40} onNear={(index) => near.push(index)}>
          {(number, rowIndex) => (
            <tr key={number} data-row={number} aria-rowindex={rowIndex}>
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
    expect(near).toEqual([0, 1, 10]);
    tell(0, false);
    expect(rows()).toBe(50);
    expect(block(0).querySelector("tr")?.style.height).toBe("2222px");
    container.querySelector<HTMLElement>('[data-row="40"] a')?.focus();
    tell(1, false);
    expect(rows()).toBe(50);
  });
});
