import { useEffect, useLayoutEffect, type ReactNode } from "react";
import { isAtOnce, useBlocks, useNearness, type Block } from "@/hooks/useBlocks";

interface BlocksProps<T> {
  items: readonly T[];
  idOf: (item: T) => string;
  /** About how high a row is, in pixels, until one was seen. */
  rowHeight: number;
  children: (item: T) => ReactNode;
  /** These rows have come near the window. */
  onNear?: (rows: readonly T[]) => void;
}

interface BlockProps<T> extends Omit<BlocksProps<T>, "items" | "idOf"> {
  block: Block<T>;
  /** All of the rows are in this one block. */
  only: boolean;
}

function useBlock<T>({ block, rowHeight, onNear, children }: BlockProps<T>) {
  const nearness = useNearness(isAtOnce(block.from), block.rows.length * rowHeight);
  const { near } = nearness;
  const { rows } = block;
  useEffect(() => {
    if (near) onNear?.(rows);
  }, [near, rows, onNear]);
  return { ...nearness, rows: () => rows.map((item) => children(item)) };
}

function TableBlock<T>(props: BlockProps<T>) {
  const { ref, element, near, height, rows } = useBlock(props);
  const { block, only } = props;
  // For readers that meet only some of the rows; past React, which would draw every row again when one comes on top.
  useLayoutEffect(() => {
    if (!near) return;
    [...(element.current?.children ?? [])].forEach((row, place) => {
      // The first row of a table is its head.
      if (only) row.removeAttribute("aria-rowindex");
      else row.setAttribute("aria-rowindex", String(block.from + place + 2));
    });
  }, [near, element, block, only]);
  return (
    <tbody ref={ref}>
      {near ? (
        rows()
      ) : (
        <tr aria-hidden style={{ height }}>
          <td />
        </tr>
      )}
    </tbody>
  );
}

/** The rows of a table, of which only those near the window are in the page. */
export function TableBlocks<T>({ items, idOf, ...rest }: BlocksProps<T>) {
  const blocks = useBlocks(items, idOf);
  return blocks.map((block) => <TableBlock key={block.number} block={block} only={blocks.length === 1} {...rest} />);
}

function ListBlock<T>({ label, ...props }: BlockProps<T> & { label: string }) {
  const { ref, near, height, rows } = useBlock(props);
  const { block, only } = props;
  return (
    <ul
      ref={ref}
      aria-label={only ? label : `${label} ${block.from + 1}–${block.from + block.rows.length}`}
      className="border-b border-line last:border-b-0"
      style={near ? undefined : { height }}
    >
      {near ? rows() : null}
    </ul>
  );
}

/** The same for narrow screens, where rows are cards. */
export function ListBlocks<T>({ items, idOf, ...rest }: BlocksProps<T> & { label: string }) {
  const blocks = useBlocks(items, idOf);
  return blocks.map((block) => <ListBlock key={block.number} block={block} only={blocks.length === 1} {...rest} />);
}
