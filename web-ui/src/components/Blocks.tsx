import { useEffect, type ReactNode } from "react";
import { BLOCK, inBlocks, useNearness } from "@/hooks/useBlocks";

interface BlocksProps<T> {
  items: readonly T[];
  /** About how high a row is, in pixels, until one was seen. */
  rowHeight: number;
  /** `rowIndex`: its place among all rows, for a reader that sees only some of them; absent where all are in the page. */
  children: (item: T, rowIndex: number | undefined) => ReactNode;
  /** The block with this number has come near the window. */
  onNear?: (index: number) => void;
}

interface BlockProps<T> extends BlocksProps<T> {
  index: number;
  /** All of the rows are in this one block. */
  only: boolean;
}

function useBlock<T>({ index, items, rowHeight, only, onNear, children }: BlockProps<T>) {
  const block = useNearness(index, items.length * rowHeight);
  const { near } = block;
  useEffect(() => {
    if (near) onNear?.(index);
  }, [near, index, onNear]);
  // The first row of a table is its head.
  const rows = () => items.map((item, place) => children(item, only ? undefined : index * BLOCK + place + 2));
  return { ...block, rows };
}

function TableBlock<T>(props: BlockProps<T>) {
  const { ref, near, height, rows } = useBlock(props);
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
export function TableBlocks<T>({ items, ...rest }: BlocksProps<T>) {
  const blocks = inBlocks(items);
  return blocks.map((rows, index) => <TableBlock key={index} index={index} only={blocks.length === 1} items={rows} {...rest} />);
}

function ListBlock<T>({ label, ...props }: BlockProps<T> & { label: string }) {
  const { ref, near, height, rows } = useBlock(props);
  return (
    <ul ref={ref} aria-label={label} className="border-b border-line last:border-b-0" style={near ? undefined : { height }}>
      {near ? rows() : null}
    </ul>
  );
}

/** The same for narrow screens, where rows are cards. */
export function ListBlocks<T>({ items, label, ...rest }: BlocksProps<T> & { label: string }) {
  const blocks = inBlocks(items);
  return blocks.map((rows, index) => <ListBlock key={index} index={index} only={blocks.length === 1} items={rows} label={blocks.length === 1 ? label : `${label} ${index * BLOCK + 1}–${index * BLOCK + rows.length}`} {...rest} />);
}
