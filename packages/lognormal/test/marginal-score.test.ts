import { foldIn, keyOf, loadEveryKernels, loadKernels, normalFloat64 } from '@lensfield/kernels';
import { directionalDerivative } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import {
  createLognormalModel,
  createMarginalScore,
  FIDUCIAL_PARAMETERS,
  type LognormalModel,
  surveyPreset,
} from '../src/index.ts';
import { binsFirst } from '../src/map-layout.ts';
import { fourier, type SlowModel, slowGaussianSpectra, slowLogJoint } from './slow-twin.ts';

const THETA = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));
const small = { ...surveyPreset('lsst-y10-demo'), mapSize: 12, fieldSizeDeg: 0.5 };

function twinOf(model: LognormalModel): SlowModel {
  const { survey, numBins, noiseStandardDeviations: noise, engine } = model;
  return {
    mapSize: survey.mapSize,
    fieldSizeDeg: survey.fieldSizeDeg,
    numBins,
    noise: noise[0]!,
    variance: model.parity === 'sbi_lens' ? 'sample' : 'ensemble',
    ell: engine.ell,
    statistics: (theta) => engine.theory(theta, { jacobian: false }),
  };
}

function fieldsOf(map: Float32Array, numBins: number): Float32Array {
  const fields = new Float32Array(map.length);
  binsFirst(map, numBins, fields);
  return fields;
}

const CASES = [
  { mapSize: 12, parity: 'none' },
  { mapSize: 12, parity: 'sbi_lens' },
  { mapSize: 15, parity: 'none' },
] as const;

describe.each(await loadEveryKernels({ threads: 2 }))('marginal score on $backend', (kernels) => {
  describe.each(CASES)('$mapSize^2 pixels, parity $parity', ({ mapSize, parity }) => {
    const model = createLognormalModel({ survey: { ...small, mapSize }, kernels, parity });
    const slow = twinOf(model);
    const { x } = model.simulate(keyOf(4), THETA);
    const data = fieldsOf(x.data, model.numBins);
    const marginal = createMarginalScore({ model, theta: THETA, tolerance: 1e-6 });
    const { score, latents, isConverged, numGradients } = marginal.evaluate(x);
    const most = Float64Array.from(latents);

    test('the latents are those of highest density of the float64 twin', () => {
      expect(isConverged).toBe(true);
      expect(numGradients).toBeLessThan(30);
      const slopes = (at: Float64Array) =>
        Array.from({ length: 4 }, (_, k) =>
          Math.abs(
            directionalDerivative(
              (z) => slowLogJoint(slow, THETA, z, data),
              at,
              normalFloat64(keyOf(50 + k), at.length),
              1e-3,
            ),
          ),
        );
      /* A rise of 1e-6 nats is a gradient of length 1e-3 or so; from float32 sums some more. */
      const there = Math.max(...slopes(most));
      expect(there).toBeLessThan(2e-2);
      expect(Math.max(...slopes(most.map((z) => 0.9 * z)))).toBeGreaterThan(20 * there);
    });

    test('the score is the gradient of the joint density of the twin there', () => {
      const slopes = Array.from(THETA, (_, parameter) =>
        directionalDerivative(
          (theta) => slowLogJoint(slow, theta, most, data),
          THETA,
          Float64Array.from(THETA, (_, i) => Number(i === parameter)),
          1e-5,
        ),
      );
      const largest = Math.max(...slopes.map(Math.abs));
      slopes.forEach((slope, i) => {
        expect(Math.abs(score[i]! - slope)).toBeLessThan(1e-4 * largest);
      });
    });
  });
});

/** -1/2 sum over modes of y^H C^-1 y, C the covariance of the modes of a Gaussian map at theta: all that depends on the map. */
function gaussianLogLikelihood(slow: SlowModel, theta: Float64Array, map: Float32Array): number {
  const { mapSize: n, numBins, noise } = slow;
  const spectra = slowGaussianSpectra(slow, theta);
  const { shifts } = slow.statistics(theta);
  const zero = new Float64Array(n * n);
  const waves = Array.from({ length: numBins }, (_, bin) =>
    fourier(Float64Array.from(map.subarray(bin * n * n, (bin + 1) * n * n)), zero, n, -1),
  );
  let sum = 0;
  for (let at = 1; at < n * n; at++) {
    /* Two bins: the inverse by hand. */
    const [a, b, c] = spectra.map((spectrum) => spectrum[at]!) as [number, number, number];
    const aa = shifts[0]! ** 2 * a + noise ** 2;
    const bb = shifts[1]! ** 2 * c + noise ** 2;
    const ab = shifts[0]! * shifts[1]! * b;
    const [[r0, i0], [r1, i1]] = waves.map(([re, im]) => [re[at]!, im[at]!]) as [
      [number, number],
      [number, number],
    ];
    const square = bb * (r0 * r0 + i0 * i0) + aa * (r1 * r1 + i1 * i1) - 2 * ab * (r0 * r1 + i0 * i1);
    sum -= (0.5 * square) / (aa * bb - ab * ab) / (n * n);
  }
  return sum;
}

describe('where fields are nearly Gaussian', async () => {
  const kernels = await loadKernels({ threads: 1 });
  /* Fluctuations of 2 % of the shift, seen with little noise. */
  const survey = {
    ...small,
    galaxiesPerArcmin2: [4000, 4000],
    redshifts: { family: 'smail', alpha: 2, beta: 0.68, z0: 0.11, zMax: 10, numBins: 2, photoZError: 0.05 },
  } as const;
  const faint = Float64Array.from(Object.values({ ...FIDUCIAL_PARAMETERS, sigma_8: 0.05 }));

  test('scores of maps differ as the exact scores of Gaussian maps do', () => {
    const model = createLognormalModel({ survey, kernels });
    const slow = twinOf(model);
    const marginal = createMarginalScore({ model, theta: faint, tolerance: 1e-6 });
    const maps = Array.from({ length: 6 }, (_, i) => model.simulate(foldIn(keyOf(8), i), faint).x);
    const scores = maps.map((map) => Array.from(marginal.evaluate(map).score));
    for (const parameter of [0, 2, 4]) {
      const exact = maps.map(({ data }) =>
        directionalDerivative(
          (theta) => gaussianLogLikelihood(slow, theta, fieldsOf(data, 2)),
          faint,
          Float64Array.from(faint, (_, i) => Number(i === parameter)),
          1e-5 * Math.abs(faint[parameter]!),
        ),
      );
      const got = scores.map((score) => score[parameter]!);
      const sd = Math.sqrt(variance(exact));
      const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
      /* What is left is of the order of the fluctuations, 2 to 3 %. */
      exact.forEach((value, i) => {
        expect(Math.abs(got[i]! - mean(got) - (value - mean(exact)))).toBeLessThan(0.05 * sd);
      });
    }
  });
});

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
}

describe('bad input', async () => {
  const model = createLognormalModel({ survey: small, kernels: await loadKernels({ threads: 1 }) });
  const marginal = createMarginalScore({ model, theta: THETA, maxIterations: 1 });

  test('a search that was cut short says so', () => {
    expect(marginal.evaluate(model.simulate(keyOf(1), THETA).x).isConverged).toBe(false);
  });

  test('a map with a NaN, of a wrong shape, or impossible parameters are refused', () => {
    const { x } = model.simulate(keyOf(1), THETA);
    const spoilt = { shape: x.shape, data: x.data.map((value, i) => (i === 7 ? Number.NaN : value)) };
    expect(() => marginal.evaluate(spoilt)).toThrow('observation must be finite; got NaN at element 7.');
    expect(() => marginal.evaluate({ shape: [12, 12], data: x.data })).toThrow('must have shape [12, 12, 5]');
    const negative = THETA.map((value, i) => (i === 2 ? -1 : value));
    expect(() => createMarginalScore({ model, theta: negative })).toThrow('sigma_8');
  });
});
