import { useCallback, useRef, useState } from "react";

/** Rows that come and go together. */
export const BLOCK = 25;
/** Blocks that are in the page from the start; whether a later one is, is found out when it has its place. */
const AT_ONCE = 2;
/** So far beyond the window a block is in the page already: scrolling meets rows, and so do the keys that go row by row. */
const MARGIN = 1000;

/** A list in blocks; the last one is as long as it comes. */
export function inBlocks<T>(items: readonly T[], size = BLOCK): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/**
 * Whether a block of rows is near the window, and how high it was when it last was. Far ones leave the page and keep
 * their room, so that a list of 10,000 rows costs what one of a few hundred does. A block that holds the focus stays.
 */
export function useNearness(index: number, guess: number) {
  const [near, setNear] = useState(index < AT_ONCE || typeof IntersectionObserver === "undefined");
  const [height, setHeight] = useState(guess);
  const observer = useRef<IntersectionObserver | null>(null);

  const ref = useCallback((block: HTMLElement | null) => {
    observer.current?.disconnect();
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
  return { ref, near, height };
}
