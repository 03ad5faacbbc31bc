import { bandAverages } from '@lensfield/diagnostics';
import { foldIn, keyOf, loadKernels, normalFloat64 } from '@lensfield/kernels';
import {
  createJointDensity,
  createLognormalModel,
  FIDUCIAL_PARAMETERS,
  type Survey,
} from '@lensfield/lognormal';
import { paperPrior } from '@lensfield/sbi';
import { beforeAll, describe, expect, test } from 'vitest';
import { silentProgress } from '../src/command-line/progress.ts';
import { type ExplicitResult, inferExplicit } from '../src/recipes/explicit.ts';
import { keptMaps, standardDeviationMap } from '../src/results/kept-maps.ts';
import { spectraBandEdges } from '../src/results/map-figures.ts';
import { posteriorSpectra } from '../src/results/posterior-spectra.ts';

/** A survey whose map says nothing: then latents are those of the simulator, and maps at normal latents are simulations. */
const blind: Survey = {
  name: 'blind',
  mapSize: 16,
  fieldSizeDeg: 4,
  galaxiesPerArcmin2: [1e-6, 1e-6],
  sigmaE: 0.26,
  redshifts: { family: 'smail', alpha: 2, beta: 0.68, z0: 0.11, zMax: 10, numBins: 2, photoZError: 0.05 },
};
const prior = paperPrior();
const theta = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));
const NUM_MAPS = 200;

async function modelOf(survey: Survey) {
  return createLognormalModel({ survey, kernels: await loadKernels() });
}

describe('maps at kept positions', () => {
  let kept: NonNullable<ReturnType<typeof keptMaps>>;
  let model: Awaited<ReturnType<typeof modelOf>>;
  beforeAll(async () => {
    model = await modelOf(blind);
    const observation = { shape: [16, 16, 2], data: new Float32Array(512) };
    const density = createJointDensity({ model, prior, observation, coordinates: 'wiener' });
    const snapshots = Array.from({ length: NUM_MAPS }, (_, i) =>
      Float32Array.from(density.positionOf(theta, normalFloat64(foldIn(keyOf(4), i), 512))),
    );
    const chains = [{ snapshots, samples: { shape: [NUM_MAPS, 6] } }];
    const result = { maxSnapshots: NUM_MAPS, sampling: { chains } } as unknown as ExplicitResult;
    kept = keptMaps(model, prior, { observation }, result)!;
  });

  test('have spectra about those of theory', () => {
    const { ell, values } = model.spectra(theta);
    const [, numPairs, numBands] = kept.spectra.shape as [number, number, number];
    const edges = spectraBandEdges(blind);
    for (let pair = 0; pair < numPairs; pair++) {
      const row = values.subarray(pair * ell.length, (pair + 1) * ell.length);
      const expected = bandAverages({ ...blind, edges }, (l) => logInterpolated(l, ell, row));
      for (let band = 0; band < numBands; band++) {
        const powers = Array.from(
          { length: NUM_MAPS },
          (_, i) => kept.spectra.data[(i * numPairs + pair) * numBands + band]!,
        );
        const mean = powers.reduce((sum, power) => sum + power, 0) / NUM_MAPS;
        const variance = powers.reduce((sum, power) => sum + (power - mean) ** 2, 0) / (NUM_MAPS - 1);
        // Five standard errors, and 1 % for the interpolation of the theory.
        const tolerance = 5 * Math.sqrt(variance / NUM_MAPS) + 0.01 * expected[band]!;
        expect(Math.abs(mean - expected[band]!), `pair ${pair}, band ${band}`).toBeLessThan(tolerance);
      }
    }
  });

  test('lie in bands that hold their share of them', () => {
    const [wide, narrow] = posteriorSpectra(kept);
    const [, numPairs, numBands] = kept.spectra.shape as [number, number, number];
    for (const [band, share] of [
      [wide!, 0.95],
      [narrow!, 0.68],
    ] as const) {
      for (let pair = 0; pair < numPairs; pair++) {
        for (let k = 0; k < numBands; k++) {
          const inside = Array.from(
            { length: NUM_MAPS },
            (_, i) => kept.spectra.data[(i * numPairs + pair) * numBands + k]!,
          ).filter((power) => power >= band.low[pair]![k]! && power <= band.high[pair]![k]!);
          // Of 200 numbers between two quantiles, to one at either end.
          expect(Math.abs(inside.length / NUM_MAPS - share)).toBeLessThanOrEqual(2 / NUM_MAPS);
        }
      }
    }
  });

  test('have the standard deviation of their pixels', () => {
    const sd = standardDeviationMap(kept)!;
    expect(sd.shape).toEqual([16, 16, 2]);
    for (const pixel of [0, 77, 511]) {
      const values = Array.from({ length: NUM_MAPS }, (_, i) => kept.maps.data[i * 512 + pixel]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / NUM_MAPS;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (NUM_MAPS - 1);
      // Rounded to float32.
      expect(sd.data[pixel]! / Math.sqrt(variance)).toBeCloseTo(1, 6);
    }
    const one = { ...kept, maps: { shape: [1, 16, 16, 2], data: kept.maps.data.subarray(0, 512) } };
    expect(standardDeviationMap(one)).toBeUndefined();
  });
});

/** Between two multipoles, in the logarithms of both. */
function logInterpolated(at: number, ell: ArrayLike<number>, values: ArrayLike<number>): number {
  let i = 1;
  while (i < ell.length - 1 && ell[i]! < at) i++;
  const [x0, x1] = [Math.log(ell[i - 1]!), Math.log(ell[i]!)];
  const share = (Math.log(at) - x0) / (x1 - x0);
  return Math.exp((1 - share) * Math.log(values[i - 1]!) + share * Math.log(values[i]!));
}

test('a run keeps maps of the draws that it says, evenly over each chain', async () => {
  const survey = { ...blind, galaxiesPerArcmin2: [20, 20] };
  const model = await modelOf(survey);
  const observation = model.simulate(keyOf(1), theta).x;
  const result = await inferExplicit({
    survey,
    model,
    observation,
    prior,
    parity: 'none',
    key: keyOf(2),
    sampler: 'mclmc',
    numChains: 2,
    numWarmup: 20,
    numSamples: 50,
    keepMaps: 12,
    backend: model.kernels.backend,
    threads: 2,
    progress: silentProgress,
  });
  const { maps, chain, draw } = keptMaps(model, prior, { observation }, result)!;
  // Six a chain at most: every eighth of 50 draws, as every fourth would be twelve.
  expect(maps.shape).toEqual([12, 16, 16, 2]);
  expect(Array.from(chain)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  expect(Array.from(draw.subarray(0, 6))).toEqual([7, 15, 23, 31, 39, 47]);
  for (const [i, c] of chain.entries()) {
    const { snapshots, samples } = result.sampling.chains[c]!;
    const parameters = samples.data.subarray(6 * draw[i]!, 6 * draw[i]! + 6);
    expect(snapshots[i % 6]!.subarray(0, 6)).toEqual(Float32Array.from(parameters));
  }
});
