import { join } from 'node:path';
import type { NdArray } from '@lensfield/contracts';
import { measuredSpectra } from '@lensfield/diagnostics';
import { snapshotDistance } from '@lensfield/hmc';
import { encodeNpy, encodeNpz, writeFileAtomically } from '@lensfield/io';
import type { LognormalModel } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { ExplicitResult } from '../recipes/explicit.ts';
import type { ObservedMap } from '../recipes/observed-map.ts';
import { wienerDensity } from '../recipes/wiener-density.ts';
import { spectraBandEdges } from './map-figures.ts';

/** Convergence maps of some draws, evenly spaced over each chain. */
export interface KeptMaps {
  /** [n, mapSize, mapSize, bins]. */
  readonly maps: NdArray<Float32Array>;
  /** The chain of each, and its draw, counted from 0 after warm-up; [n] each. */
  readonly chain: Int32Array;
  readonly draw: Int32Array;
  /** Mean ell of each band, [bands]. */
  readonly ell: Float64Array;
  /** Auto- and cross-spectra of each map, rows (0,0), (0,1), ..., dimensionless, [n, pairs, bands]. */
  readonly spectra: NdArray<Float64Array>;
}

/** The maps of the positions that the chains kept; undefined if they kept none. */
export function keptMaps(
  model: LognormalModel,
  prior: JointPrior,
  map: ObservedMap,
  { sampling, maxSnapshots, linearisedAt }: ExplicitResult,
): KeptMaps | undefined {
  const positions = sampling.chains.flatMap(({ snapshots, samples }, chain) => {
    const distance = snapshotDistance(samples.shape[0]!, { maxSnapshots });
    return snapshots.map((position, i) => ({ position, chain, draw: (i + 1) * distance - 1 }));
  });
  if (positions.length === 0) return undefined;
  const density = wienerDensity(model, prior, map, linearisedAt);
  const { shape, data: pixels } = map.observation;
  const size = pixels.length;
  const data = new Float32Array(positions.length * size);
  for (const [i, { position }] of positions.entries()) {
    data.set(density.convergenceOf(Float64Array.from(position)).data, i * size);
  }
  density.dispose();
  const maps = { shape: [positions.length, ...shape], data };
  return {
    maps,
    chain: Int32Array.from(positions, ({ chain }) => chain),
    draw: Int32Array.from(positions, ({ draw }) => draw),
    ...spectraOfMaps(model, maps),
  };
}

function spectraOfMaps({ survey }: LognormalModel, { shape, data }: NdArray<Float32Array>) {
  const { fieldSizeDeg } = survey;
  const edges = spectraBandEdges(survey);
  const [count, ...mapShape] = shape as [number, number, number, number];
  const size = data.length / count;
  const measured = Array.from({ length: count }, (_, i) =>
    measuredSpectra(
      { shape: mapShape, data: data.subarray(i * size, (i + 1) * size) },
      { fieldSizeDeg, edges },
    ),
  );
  const { ell, spectra } = measured[0]!;
  const all = new Float64Array(count * spectra.data.length);
  for (const [i, one] of measured.entries()) all.set(one.spectra.data, i * spectra.data.length);
  return { ell, spectra: { shape: [count, ...spectra.shape], data: all } };
}

/** Standard deviation over the maps (divisor n - 1) in each pixel, [mapSize, mapSize, bins]; undefined below two maps. */
export function standardDeviationMap({ maps }: KeptMaps): NdArray<Float32Array> | undefined {
  const [count, ...mapShape] = maps.shape as [number, number, number, number];
  if (count < 2) return undefined;
  const size = maps.data.length / count;
  const sd = Float32Array.from({ length: size }, (_, pixel) => {
    let [mean, squares] = [0, 0];
    for (let i = 0; i < count; i++) {
      const deviation = maps.data[i * size + pixel]! - mean;
      mean += deviation / (i + 1);
      squares += deviation * (maps.data[i * size + pixel]! - mean);
    }
    return Math.sqrt(squares / (count - 1));
  });
  return { shape: mapShape, data: sd };
}

/** Writes `convergence-maps.npy`, `convergence-spectra.npz` and, where there is one, their {@link standardDeviationMap}. */
export async function writeKeptMaps(
  folder: string,
  { maps, chain, draw, ell, spectra }: KeptMaps,
  sd: NdArray<Float32Array> | undefined,
): Promise<void> {
  await writeFileAtomically(join(folder, 'convergence-maps.npy'), encodeNpy(maps));
  const arrays = {
    ell: { shape: [ell.length], data: ell },
    spectra,
    chain: { shape: [chain.length], data: chain },
    draw: { shape: [draw.length], data: draw },
  };
  await writeFileAtomically(join(folder, 'convergence-spectra.npz'), encodeNpz(arrays));
  if (sd) await writeFileAtomically(join(folder, 'reconstruction-sd.npy'), encodeNpy(sd));
}
