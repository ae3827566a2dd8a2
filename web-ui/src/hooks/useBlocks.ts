import { useCallback, useRef, useState } from "react";

/** Rows that come and go together. */
export const BLOCK = 25;
/** Blocks that are in the page from the start; whether a later one is, is found out when it has its place. */
const AT_ONCE = 2;
/** So far beyond the window a block is in the page already: scrolling meets rows, and so do the keys that go row by row. */
const MARGIN = 1000;

/** Where a list is cut: its first block holds `lead` rows, the others `BLOCK`; blocks are numbered from `start`. */
export interface Cut {
  first: string | null;
  lead: number;
  start: number;
}
export const uncut: Cut = { first: null, lead: BLOCK, start: 0 };

/**
 * The cut of a list that has changed. Rows that came on top make the first block grow, then open one before it: no
 * row moves from one block into another, so nothing else is drawn again. Another list is cut anew.
 */
export function cutAgain(cut: Cut, ids: (index: number) => string | undefined, count: number): Cut {
  const first = ids(0) ?? null;
  if (first === cut.first) return cut;
  let above = cut.first === null ? count : 0;
  while (above < count && ids(above) !== cut.first) above += 1;
  if (above === count) return { ...uncut, first };
  const leading = cut.lead + above;
  return { first, lead: ((leading - 1) % BLOCK) + 1, start: cut.start - Math.floor((leading - 1) / BLOCK) };
}

export interface Block<T> {
  /** The same rows are in the block with the same number, whatever comes before them. */
  number: number;
  /** How many rows stand before it. */
  from: number;
  rows: readonly T[];
}

/** A list in blocks; the last one is as long as it comes. */
export function useBlocks<T>(items: readonly T[], idOf: (item: T) => string): Block<T>[] {
  const [known, setKnown] = useState(uncut);
  const cut = cutAgain(known, (index) => (items[index] === undefined ? undefined : idOf(items[index])), items.length);
  if (cut !== known) setKnown(cut);
  const blocks: Block<T>[] = [];
  for (let from = 0; from < items.length; ) {
    const size = from === 0 ? cut.lead : BLOCK;
    blocks.push({ number: cut.start + blocks.length, from, rows: items.slice(from, from + size) });
    from += size;
  }
  return blocks;
}

/**
 * Whether a block of rows is near the window, and how high it was when it last was. Far ones leave the page and keep
 * their room, so that a list of 10,000 rows costs what one of a few hundred does. A block that holds the focus stays.
 */
export function useNearness(atOnce: boolean, guess: number) {
  const [near, setNear] = useState(atOnce || typeof IntersectionObserver === "undefined");
  const [height, setHeight] = useState(guess);
  const observer = useRef<IntersectionObserver | null>(null);
  const element = useRef<HTMLElement | null>(null);

  const ref = useCallback((block: HTMLElement | null) => {
    observer.current?.disconnect();
    element.current = block;
    if (!block || typeof IntersectionObserver === "undefined") return;
    observer.current = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1);
        if (!entry) return;
        if (!entry.isIntersecting) {
          if (block.contains(document.activeElement)) return;
          if (entry.boundingClientRect.height > 0) setHeight(entry.boundingClientRect.height);
        }
        setNear(entry.isIntersecting);
      },
      { rootMargin: `${MARGIN}px 0px` },
    );
    observer.current.observe(block);
  }, []);
  return { ref, element, near, height };
}

export const isAtOnce = (from: number): boolean => from < AT_ONCE * BLOCK;
