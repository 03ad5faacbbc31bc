import { keyOf, loadKernels } from '@lensfield/kernels';
import { createJointDensity, createLognormalModel, surveyPreset } from '@lensfield/lognormal';
import { paperPrior } from '@lensfield/sbi';
import { describe, expect, test } from 'vitest';
import { chainStart } from '../src/recipes/chain-start.ts';

const TRUTH = Float64Array.of(0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1);
const survey = { ...surveyPreset('lsst-y10-demo'), mapSize: 32, fieldSizeDeg: 2.5 };
const kernels = await loadKernels({ threads: 1 });
const model = createLognormalModel({ survey, kernels });
const observation = model.simulate(keyOf(5), TRUTH).x;

describe('where a chain starts', () => {
  const prior = paperPrior();
  const density = createJointDensity({ model, prior, observation, coordinates: 'wiener' });

  test('the map fits the observation far better than a draw from the prior at the same parameters', () => {
    const start = chainStart(keyOf(1), model, density, prior, { observation });
    expect(density.logDensityAndGradient(start, new Float64Array(start.length))).toBeGreaterThan(-Infinity);
    const misfit = ({ data }: { readonly data: Float32Array }) =>
      data.reduce((sum, kappa, i) => {
        const noise = model.noiseStandardDeviations[i % model.numBins]!;
        return sum + ((observation.data[i]! - kappa) / noise) ** 2;
      }, 0);
    const drawn = model.convergence(density.cosmologyOf(start), model.latentsOf(keyOf(9)));
    expect(misfit(density.convergenceOf(start))).toBeLessThan(misfit(drawn) - 200);
  });

  test('different keys start apart, the same key at the same point', () => {
    const [a, b, again] = [1, 2, 1].map((seed) =>
      chainStart(keyOf(seed), model, density, prior, { observation }),
    );
    expect(again).toEqual(a);
    expect(Array.from(density.parametersOf(b!))).not.toEqual(Array.from(density.parametersOf(a!)));
  });
});
