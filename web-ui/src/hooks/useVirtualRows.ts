import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";

/** Rows above and below the view that are in the page too. */
const SPARE = 20;

/** Where each row begins, and where the last one ends. */
export function offsetsOf(count: number, heightOf: (index: number) => number): Float64Array {
  const offsets = new Float64Array(count + 1);
  for (let index = 0; index < count; index += 1) offsets[index + 1] = offsets[index]! + heightOf(index);
  return offsets;
}

/** The row that an offset falls into. */
export function rowAt(offsets: Float64Array, offset: number): number {
  let [low, high] = [0, Math.max(0, offsets.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (offsets[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

interface Options {
  count: number;
  /** The height of the scrolling box, in pixels. */
  view: number;
  /** What a row is taken to be high until it is in the page and measured. */
  estimate: (index: number) => number;
  /** Rows can be higher than estimated. When this changes, what was measured is forgotten; `null`: nothing is measured. */
  measured: string | null;
}

/** Only the rows in view are in the page, however many there are and however high each is. */
export function useVirtualRows({ count, view, estimate, measured }: Options) {
  const [top, setTop] = useState(0);
  const [heights, setHeights] = useState<{ key: string | null; known: ReadonlyMap<number, number> }>({ key: measured, known: new Map() });
  const known = heights.key === measured ? heights.known : null;
  const offsets = useMemo(() => offsetsOf(count, (index) => known?.get(index) ?? estimate(index)), [count, known, estimate]);
  const first = Math.max(0, rowAt(offsets, top) - SPARE);
  const last = Math.min(count, rowAt(offsets, top + view) + 1 + SPARE);
  const list = useRef<HTMLOListElement>(null);

  useLayoutEffect(() => {
    if (measured === null || !list.current) return;
    const news = new Map<number, number>();
    [...list.current.children].forEach((row, place) => {
      const index = first + place;
      const height = (row as HTMLElement).offsetHeight;
      if (height > 0 && height !== offsets[index + 1]! - offsets[index]!) news.set(index, height);
    });
    if (news.size > 0) setHeights(({ key, known: before }) => ({ key: measured, known: new Map([...(key === measured ? before : []), ...news]) }));
  }, [measured, first, last, offsets]);

  return { list, first, last, offset: offsets[first] ?? 0, total: offsets[count] ?? 0, offsetOf: useCallback((index: number) => offsets[index] ?? 0, [offsets]), top, setTop };
}
