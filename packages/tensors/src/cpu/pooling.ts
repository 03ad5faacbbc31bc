import { backend_util, type NamedAttrMap, util } from '@tensorflow/tfjs-core';

interface Shaped {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** The geometry of a pool from its kernel's attributes. */
export function poolGeometry(
  inputShape: readonly number[],
  attributes: NamedAttrMap,
): backend_util.Conv2DInfo {
  return backend_util.computePool2DInfo(
    inputShape as [number, number, number, number],
    attributes.filterSize as [number, number],
    attributes.strides as [number, number],
    1,
    attributes.pad as 'same',
    attributes.dimRoundingMode as 'floor',
  );
}

/** Calls `visit` with the flat output index and the flat input indices of each window, channel by channel. */
function forEachWindow(
  geometry: backend_util.Conv2DInfo,
  visit: (out: number, inside: number[]) => void,
): void {
  let out = 0;
  for (let b = 0; b < geometry.batchSize; b++) {
    for (let row = 0; row < geometry.outHeight; row++) {
      for (let column = 0; column < geometry.outWidth; column++) {
        for (let channel = 0; channel < geometry.inChannels; channel++) {
          visit(out++, windowOf(geometry, b, row, column, channel));
        }
      }
    }
  }
}

function windowOf(
  geometry: backend_util.Conv2DInfo,
  b: number,
  row: number,
  column: number,
  channel: number,
): number[] {
  const { strideHeight, strideWidth, padInfo, inHeight, inWidth, inChannels } = geometry;
  const inside: number[] = [];
  for (let i = 0; i < geometry.filterHeight; i++) {
    const y = row * strideHeight - padInfo.top + i;
    if (y < 0 || y >= inHeight) continue;
    for (let j = 0; j < geometry.filterWidth; j++) {
      const x = column * strideWidth - padInfo.left + j;
      if (x >= 0 && x < inWidth) inside.push(((b * inHeight + y) * inWidth + x) * inChannels + channel);
    }
  }
  return inside;
}

/** Entries of `values` at the first maximum of `x` in each window. */
export function maxPoolSelect(
  values: Float32Array,
  x: Float32Array,
  inputShape: readonly number[],
  attributes: NamedAttrMap,
): Shaped {
  const geometry = poolGeometry(inputShape, attributes);
  const result = new Float32Array(util.sizeFromShape(geometry.outShape));
  forEachWindow(geometry, (out, inside) => {
    const best = inside.reduce((a, b) => (x[b]! > x[a]! ? b : a));
    result[out] = values[best]!;
  });
  return { shape: geometry.outShape, values: result };
}

/** Each window's gradient in equal parts to the pixels of the window that lie inside the map. */
export function avgPoolGradient(
  dy: Float32Array,
  inputShape: readonly number[],
  attributes: NamedAttrMap,
): Shaped {
  const geometry = poolGeometry(inputShape, attributes);
  const result = new Float32Array(util.sizeFromShape(inputShape as number[]));
  forEachWindow(geometry, (out, inside) => {
    for (const index of inside) result[index]! += dy[out]! / inside.length;
  });
  return { shape: [...inputShape], values: result };
}
