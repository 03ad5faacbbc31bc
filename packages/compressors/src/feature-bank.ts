import type { Key } from '@lensfield/contracts';
import { foldIn, randomIntegers } from '@lensfield/kernels';
import { type FeatureSource, rawFeatures } from './feature-source.ts';

/** Features of every map under several draws of noise, made once: for networks that see nothing else of the maps. */
export interface FeatureBank {
  readonly numDraws: number;
  /** Features of rows, each under a draw that the key decides: [rows, numFeatures]. */
  draw(rows: Int32Array, key: Key): Float32Array;
  /** Features of rows under one draw. */
  ofDraw(rows: Int32Array, draw: number): Float32Array;
}

/** Measures the features of all maps under `numDraws` draws of noise and orientation. */
export function featureBank(source: FeatureSource, numMaps: number, numDraws: number, key: Key): FeatureBank {
  const width = source.network.numFeatures;
  const all = Int32Array.from({ length: numMaps }, (_, i) => i);
  const values = Array.from(
    { length: numDraws },
    (_, draw) => rawFeatures(source, {}, all, foldIn(key, draw)).given,
  );
  const take = (rows: Int32Array, drawOf: (i: number) => number): Float32Array => {
    const out = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      out.set(values[drawOf(i)].subarray(row * width, (row + 1) * width), i * width);
    });
    return out;
  };
  return {
    numDraws,
    draw(rows, drawKey) {
      const draws = randomIntegers(drawKey, rows.length, { min: 0, max: numDraws });
      return take(rows, (i) => draws[i]);
    },
    ofDraw: (rows, draw) => take(rows, () => draw),
  };
}
