import type { Numbers } from './arguments.ts';
import type { Scale } from './scale.ts';
import { element, type LineStyle, px } from './svg.ts';

export interface Axes {
  readonly x: Scale;
  readonly y: Scale;
}

/** Pixel coordinates of a curve, flat [x0, y0, x1, y1, ...]. */
export function curvePoints({ x, y }: Axes, xs: Numbers, ys: Numbers): number[] {
  const points: number[] = [];
  for (let i = 0; i < xs.length; i++) points.push(x.position(xs[i]), y.position(ys[i]));
  return points;
}

/** `M x,y L ...`; points that are not finite (a zero on a log axis) break the line. */
export function pathThrough(points: readonly number[]): string {
  let d = '';
  let pen = 'M';
  for (let i = 0; i < points.length; i += 2) {
    if (!Number.isFinite(points[i]) || !Number.isFinite(points[i + 1])) {
      pen = 'M';
      continue;
    }
    d += `${pen}${px(points[i])},${px(points[i + 1])}`;
    pen = 'L';
  }
  return d;
}

export function strokedPath(points: readonly number[], style: LineStyle): string {
  return element('path', {
    d: pathThrough(points),
    fill: 'none',
    stroke: style.stroke,
    'stroke-width': style.width ?? 1.5,
    'stroke-dasharray': style.dash,
    'stroke-opacity': style.opacity,
    'stroke-linejoin': 'round',
  });
}

/** The region between two curves over the same xs. */
export function band(
  axes: Axes,
  xs: Numbers,
  low: Numbers,
  high: Numbers,
  fill: string,
  opacity: number,
): string {
  const there = curvePoints(axes, xs, high);
  const back = curvePoints(axes, Array.from(xs).reverse(), Array.from(low).reverse());
  return element('path', { d: `${pathThrough([...there, ...back])}Z`, fill, 'fill-opacity': opacity });
}

/** A curve filled down to the value `base`. */
export function filledCurve(
  axes: Axes,
  xs: Numbers,
  ys: Numbers,
  fill: string,
  opacity: number,
  base = 0,
): string {
  return band(axes, xs, new Float64Array(xs.length).fill(base), ys, fill, opacity);
}

/**
 * A long series cut to what a picture can show: in each of `columns` equal stretches the smallest and the largest value, in the
 * order in which they occur, so that spikes survive.
 */
export function thinnedSeries(values: Numbers, columns: number): { indices: number[]; values: number[] } {
  const n = values.length;
  const indices: number[] = [];
  if (n <= 2 * columns) for (let i = 0; i < n; i++) indices.push(i);
  else {
    for (let c = 0; c < columns; c++) {
      const [from, to] = [Math.floor((c * n) / columns), Math.floor(((c + 1) * n) / columns)];
      let [low, high] = [from, from];
      for (let i = from; i < to; i++) {
        if (values[i] < values[low]) low = i;
        if (values[i] > values[high]) high = i;
      }
      indices.push(Math.min(low, high));
      if (low !== high) indices.push(Math.max(low, high));
    }
  }
  return { indices, values: indices.map((i) => values[i]) };
}
