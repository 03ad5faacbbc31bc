import type { Key } from '@lensfield/contracts';
import { foldIn, normal, randomIntegers } from '@lensfield/kernels';
import { NUM_SYMMETRIES, squareSymmetries } from './augmentation.ts';
import { type MapSet, mapLength } from './map-set.ts';

/** How noiseless maps become data. */
export interface NoiseModel {
  /** Noise sd of a pixel of the set's maps, per bin; white and Gaussian. */
  readonly noiseSd: readonly number[];
  /** Standard normals of a key, as many as `out` holds. Default: `normal` of the kernels package; a faster one may be given. */
  readonly fillNormal?: (key: Key, out: Float32Array) => void;
  /** Whether each map is turned and mirrored at random (the eight symmetries of the square). Default true. */
  readonly symmetries?: boolean;
}

/** Makes batches of noisy maps, shape [n, rows, columns, bins]. */
export interface NoisyBatches {
  /** Turned at random and with fresh noise: `key` decides both, map by map. */
  draw(rows: ArrayLike<number>, key: Key): Float32Array;
}

/** Reads maps of a set in batches and adds noise; the same key and rows give the same bytes. */
export function noisyBatches(maps: MapSet, model: NoiseModel): NoisyBatches {
  const length = mapLength(maps.mapShape);
  const { symmetries = true } = model;
  const [size, , numBins] = maps.mapShape;
  const sd = Float32Array.from({ length }, (_, i) => model.noiseSd[i % numBins]);
  const fillNormal = model.fillNormal ?? ((key: Key, out: Float32Array) => out.set(normal(key, out.length)));
  const pixelOrders = symmetries ? squareSymmetries(size) : [identityOrder(length / numBins)];
  const orders = pixelOrders.map((order) => valueOrder(order, numBins));
  const isNoisy = sd.some((value) => value > 0);
  const clean = new Float32Array(length);
  return {
    draw(rows, key) {
      const out = new Float32Array(rows.length * length);
      const turns = randomIntegers(foldIn(key, 0), rows.length, { min: 0, max: NUM_SYMMETRIES });
      if (isNoisy) fillNormal(foldIn(key, 1), out);
      for (let i = 0; i < rows.length; i++) {
        maps.read(rows[i], clean, 0);
        const order = orders[orders.length === 1 ? 0 : turns[i]];
        addSignal(out.subarray(i * length, (i + 1) * length), clean, sd, order);
      }
      return out;
    },
  };
}

/** out = clean, in the given order, plus noiseSd out: one flat loop, as this is done for every map of every step. */
function addSignal(out: Float32Array, clean: Float32Array, noiseSd: Float32Array, order: Int32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = clean[order[i]] + noiseSd[i] * out[i];
}

/** Order of the values of a map for a symmetry of its pixels. */
function valueOrder(pixels: Int32Array, numBins: number): Int32Array {
  const order = new Int32Array(pixels.length * numBins);
  for (let i = 0; i < order.length; i++) {
    order[i] = pixels[Math.floor(i / numBins)] * numBins + (i % numBins);
  }
  return order;
}

function identityOrder(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => i);
}
