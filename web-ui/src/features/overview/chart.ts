import type { ThroughputPoint } from "@/api/types";

export interface Bar {
  point: ThroughputPoint;
  x: number;
  width: number;
  total: number;
  segments: { kind: "completed" | "failed" | "cancelled"; y: number; height: number; count: number }[];
}

const KINDS = ["completed", "cancelled", "failed"] as const;

/** A round number not below the highest bar: 1, 2, 5, 10, 20, 50 … */
export function niceMax(value: number): number {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((step) => step * power).find((candidate) => candidate >= value) ?? 10 * power;
}

/** Stacked bars in a box of the given size. */
export function layoutBars(points: ThroughputPoint[], width: number, height: number): { bars: Bar[]; max: number } {
  const totals = points.map((point) => point.completed + point.failed + point.cancelled);
  const max = niceMax(Math.max(0, ...totals));
  const step = points.length > 0 ? width / points.length : width;
  const thick = Math.max(1, Math.min(26, step - Math.min(4, step * 0.22)));
  const bars = points.map((point, index) => {
    let y = height;
    const segments = KINDS.flatMap((kind) => {
      const count = point[kind];
      if (count <= 0) return [];
      const tall = Math.max(2, (count / max) * height);
      y -= tall;
      return [{ kind, y, height: tall, count }];
    });
    return { point, x: index * step + (step - thick) / 2, width: thick, total: totals[index] ?? 0, segments };
  });
  return { bars, max };
}
