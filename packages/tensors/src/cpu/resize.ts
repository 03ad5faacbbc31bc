import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { PlainTensor } from './plain-kernel.ts';

/** One pixel of the old grid that a pixel of the new grid reads, with its weight. */
type Reading = readonly [at: number, weight: number];

/** What each pixel of one axis of the new grid reads, by TensorFlow.js's definition; nothing with weight zero. */
function readings(
  size: number,
  newSize: number,
  isNearest: boolean,
  { alignCorners, halfPixelCenters }: NamedAttrMap,
): Reading[][] {
  const isAligned = Boolean(alignCorners) && newSize > 1;
  const ratio = (isAligned ? size - 1 : size) / (isAligned ? newSize - 1 : newSize);
  const shift = halfPixelCenters ? 0.5 : 0;
  return Array.from({ length: newSize }, (_, i) => {
    if (isNearest) {
      const at = ratio * (i + shift);
      return [[Math.min(size - 1, alignCorners ? Math.round(at) : Math.floor(at)), 1]];
    }
    const at = Math.min(size - 1, Math.max(0, ratio * (i + shift) - shift));
    const weight = at - Math.floor(at);
    return weight === 0
      ? [[at, 1]]
      : [
          [Math.floor(at), 1 - weight],
          [Math.ceil(at), weight],
        ];
  });
}

/** Calls `visit` with places in the resized and in the old maps, and the weight between them. */
function forEachWeight(
  shape: readonly number[],
  [rows, columns]: readonly number[],
  isNearest: boolean,
  attributes: NamedAttrMap,
  visit: (to: number, from: number, weight: number) => void,
): void {
  const [batch, oldRows, oldColumns, channels] = shape as [number, number, number, number];
  const acrossRows = readings(oldRows, rows!, isNearest, attributes);
  const acrossColumns = readings(oldColumns, columns!, isNearest, attributes);
  let to = 0;
  for (let map = 0; map < batch; map++)
    for (const row of acrossRows)
      for (const column of acrossColumns)
        for (let channel = 0; channel < channels; channel++, to++)
          for (const [i, u] of row)
            for (const [j, v] of column)
              visit(to, ((map * oldRows + i) * oldColumns + j) * channels + channel, u * v);
}

/** Maps on a grid of `attributes.size`, linear between pixels. */
export function resizeBilinear(images: PlainTensor, attributes: NamedAttrMap): PlainTensor {
  const size = attributes.size as number[];
  const shape = [images.shape[0]!, size[0]!, size[1]!, images.shape[3]!];
  const values = new Float64Array(shape.reduce((product, n) => product * n, 1));
  forEachWeight(images.shape, size, false, attributes, (to, from, weight) => {
    values[to]! += weight * images.values[from]!;
  });
  return { shape, values: Float32Array.from(values) };
}

/** Transpose of resizing: each entry of dy goes back to the pixels that it was read from. */
export function resizeGradient(
  dy: PlainTensor,
  imageShape: number[],
  isNearest: boolean,
  attributes: NamedAttrMap,
): PlainTensor {
  const values = new Float64Array(imageShape.reduce((product, n) => product * n, 1));
  forEachWeight(imageShape, dy.shape.slice(1, 3), isNearest, attributes, (to, from, weight) => {
    values[from]! += weight * dy.values[to]!;
  });
  return { shape: imageShape, values: Float32Array.from(values) };
}
