/** Float64 references of the layers of networks, written from the definitions, with none of the package's code. */
import { axisGeometry } from './_twins.ts';

/** Each entry less the mean of the entries of its set, over their deviation. */
export function normaliseTwin(x: Float64Array, setOf: (i: number) => number, epsilon: number): Float64Array {
  const members = new Map<number, number[]>();
  x.forEach((value, i) => {
    members.set(setOf(i), [...(members.get(setOf(i)) ?? []), value]);
  });
  return x.map((value, i) => {
    const all = members.get(setOf(i))!;
    const mean = all.reduce((a, b) => a + b) / all.length;
    const variance = all.reduce((sum, y) => sum + (y - mean) ** 2, 0) / all.length;
    return (value - mean) / Math.sqrt(variance + epsilon);
  });
}

/** Weights of the old pixels of one axis for pixel i of the new one: a tent, or one pixel. */
function axisWeights(
  size: number,
  newSize: number,
  i: number,
  isNearest: boolean,
  alignCorners: boolean,
  halfPixelCenters: boolean,
): number[] {
  const step = alignCorners && newSize > 1 ? (size - 1) / (newSize - 1) : size / newSize;
  const shift = halfPixelCenters ? 0.5 : 0;
  const place = isNearest
    ? Math.floor(step * (i + shift) + (alignCorners ? 0.5 : 0))
    : step * (i + shift) - shift;
  const inside = Math.min(size - 1, Math.max(0, place));
  return Array.from({ length: size }, (_, j) => Math.max(0, 1 - Math.abs(inside - j)));
}

export function resizeTwin(
  x: Float64Array,
  shape: readonly number[],
  [newRows, newColumns]: readonly [number, number],
  isNearest: boolean,
  alignCorners: boolean,
  halfPixelCenters: boolean,
): Float64Array {
  const [batch, rows, columns, channels] = shape as [number, number, number, number];
  const result: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let r = 0; r < newRows; r++) {
      const u = axisWeights(rows, newRows, r, isNearest, alignCorners, halfPixelCenters);
      for (let c = 0; c < newColumns; c++) {
        const v = axisWeights(columns, newColumns, c, isNearest, alignCorners, halfPixelCenters);
        for (let p = 0; p < channels; p++) {
          let total = 0;
          for (let i = 0; i < rows; i++)
            for (let j = 0; j < columns; j++)
              total += u[i]! * v[j]! * x[((b * rows + i) * columns + j) * channels + p]!;
          result.push(total);
        }
      }
    }
  return Float64Array.from(result);
}

/** Each pixel of x puts its filter, [rows, columns, outputs, inputs], on the output, where it lies inside. */
export function conv2dTransposeTwin(
  x: Float64Array,
  xShape: readonly number[],
  filter: Float64Array,
  filterShape: readonly number[],
  outputShape: readonly number[],
  stride: number,
  pad: 'same' | 'valid',
): Float64Array {
  const [batch, rows, columns, inputs] = xShape as [number, number, number, number];
  const [fh, fw, outputs] = filterShape as [number, number, number];
  const [, height, width] = outputShape as [number, number, number];
  const top = axisGeometry(height, fh, stride, pad).before;
  const left = axisGeometry(width, fw, stride, pad).before;
  const values = new Float64Array(outputShape.reduce((p, s) => p * s, 1));
  for (let b = 0; b < batch; b++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        for (let i = 0; i < fh; i++)
          for (let j = 0; j < fw; j++) {
            const y = r * stride - top + i;
            const at = c * stride - left + j;
            if (y < 0 || y >= height || at < 0 || at >= width) continue;
            for (let o = 0; o < outputs; o++)
              for (let p = 0; p < inputs; p++)
                values[((b * height + y) * width + at) * outputs + o]! +=
                  x[((b * rows + r) * columns + c) * inputs + p]! *
                  filter[((i * fw + j) * outputs + o) * inputs + p]!;
          }
  return values;
}
