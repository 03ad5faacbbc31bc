import { foldIn, keyOf, loadKernels, normal } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import {
  bandPowers,
  createScoreCompressor,
  mapStatistics,
  type ScoreCompressionOptions,
  scoreCompression,
} from '../src/index.ts';

const WIDTH = 12;
const POINT_MAPS = 4000;

/** Correlated features with mean A theta: sum of a common and an own normal, of a spread that grows with the feature. */
function featuresAt(theta: readonly [number, number], seed: number, n: number): Float32Array {
  const own = normal(keyOf(seed), n * WIDTH);
  const common = normal(foldIn(keyOf(seed), 1), n);
  return own.map((z, i) => {
    const f = i % WIDTH;
    return meanOf(theta, f) + (1 + 0.3 * f) * (0.6 * common[Math.floor(i / WIDTH)]! + 0.8 * z);
  });
}

const DERIVATIVES = [0, 1].map((p) => Array.from({ length: WIDTH }, (_, f) => Math.sin(1 + p + 2 * f)));
const meanOf = (theta: readonly [number, number], f: number) =>
  3 + DERIVATIVES[0]![f]! * theta[0] + DERIVATIVES[1]![f]! * theta[1];

const options = (extra: Partial<ScoreCompressionOptions> = {}): ScoreCompressionOptions => ({
  features: { shape: [POINT_MAPS, WIDTH], data: featuresAt([0, 0], 1, POINT_MAPS) },
  derivatives: { shape: [2, WIDTH], data: Float64Array.from(DERIVATIVES.flat()) },
  ...extra,
});

/** Summaries of features by hand. */
function summariesOf({ matrix, mean }: ReturnType<typeof scoreCompression>, features: Float32Array) {
  return Array.from({ length: features.length / WIDTH }, (_, i) =>
    [0, 1].map((p) => {
      let sum = 0;
      for (let f = 0; f < WIDTH; f++) {
        sum += matrix.data[p * WIDTH + f]! * (features[i * WIDTH + f]! - mean.data[f]!);
      }
      return sum;
    }),
  );
}

/** Exact Fisher information: the covariance is S (0.36 + 0.64 1) S with S the spreads; its inverse by Sherman and Morrison. */
function exactFisher(): number[][] {
  const scaled = DERIVATIVES.map((row) => row.map((d, f) => d / (1 + 0.3 * f)));
  const sum = (row: number[]) => row.reduce((total, d) => total + d, 0);
  const ratio = 0.36 / 0.64 / (1 + (WIDTH * 0.36) / 0.64) / 0.64;
  return scaled.map((a) =>
    scaled.map((b) => a.reduce((total, d, f) => total + (d * b[f]!) / 0.64, 0) - ratio * sum(a) * sum(b)),
  );
}

describe('with a flat prior', () => {
  const compression = scoreCompression(options({ priorPrecision: 0 }));

  test('knows the Fisher information of the features', () => {
    // 4000 maps give a covariance to sqrt(2 / 4000) = 2 %.
    exactFisher()
      .flat()
      .forEach((value, i) => {
        expect(Math.abs(compression.fisher[i]! - value)).toBeLessThan(0.1 * Math.abs(value) + 0.02);
      });
  });

  test('estimates parameters without bias and with the smallest possible variance', () => {
    const n = 4000;
    const theta = [0.4, -0.7] as const;
    const summaries = summariesOf(compression, featuresAt(theta, 50, n));
    const [[a, b], [, d]] = exactFisher() as [[number, number], [number, number]];
    const bound = [d / (a * d - b * b), a / (a * d - b * b)];
    for (const p of [0, 1] as const) {
      const mean = summaries.reduce((sum, row) => sum + row[p]! / n, 0);
      const variance = summaries.reduce((sum, row) => sum + (row[p]! - mean) ** 2 / n, 0);
      // Five standard errors of a mean, with the same again for the mean at the point.
      expect(Math.abs(mean - theta[p])).toBeLessThan(5 * Math.sqrt((2 * bound[p]!) / n));
      expect(Math.abs(variance / bound[p]! - 1)).toBeLessThan(0.12);
    }
  });
});

test('a strong prior pulls the estimates to the point', () => {
  const summaries = summariesOf(
    scoreCompression(options({ priorPrecision: 1e4 })),
    featuresAt([1, 1], 9, 100),
  );
  expect(Math.max(...summaries.flat().map(Math.abs))).toBeLessThan(0.01);
});

test('a feature that does not vary is ignored', () => {
  const constant = featuresAt([0, 0], 1, POINT_MAPS).map((value, i) => (i % WIDTH === 3 ? 2 : value));
  const features = { shape: [POINT_MAPS, WIDTH], data: constant };
  const { matrix } = scoreCompression(options({ features }));
  expect(matrix.data[3]).toBe(0);
  expect(matrix.data.every(Number.isFinite)).toBe(true);
});

test('as a function of maps', async () => {
  const geometry = { kernels: await loadKernels(), mapSize: 16, numBins: 1 };
  const statistics = mapStatistics(geometry, bandPowers({ numBands: 3 }));
  const maps = (seed: number, amplitude: number, n: number) =>
    normal(keyOf(seed), n * 256).map((z) => amplitude * z);
  const at = (seed: number, amplitude: number) => statistics.features(maps(seed, amplitude, 500), 500);
  const [plus, minus] = [at(1, 1.05), at(1, 0.95)];
  const derivatives = new Float64Array(3);
  for (let i = 0; i < plus.length; i++) derivatives[i % 3]! += (plus[i]! - minus[i]!) / 0.1 / 500;
  const compression = scoreCompression({
    features: { shape: [500, 3], data: at(2, 1) },
    derivatives: { shape: [1, 3], data: derivatives },
    priorPrecision: 0,
  });
  const { summarize } = createScoreCompressor(statistics, geometry, compression);
  const mean = summarize({ shape: [400, 16, 16, 1], data: maps(3, 1.08, 400) }).data.reduce(
    (s, v) => s + v / 400,
    0,
  );
  // The amplitude is known to 1 / sqrt(2 * 256) per map: 0.002 for the mean, and log(1.08) differs from 0.08 by 0.003.
  expect(Math.abs(mean - 0.08)).toBeLessThan(0.015);
  expect(() => summarize({ shape: [1, 8, 8, 1], data: new Float32Array(64) })).toThrow(
    'must have shape [n, 16, 16, 1]',
  );
});

test.each([
  [
    'fewer maps than features',
    { features: { shape: [14, WIDTH], data: new Float32Array(14 * WIDTH) } },
    'more than 14 maps',
  ],
  [
    'derivatives of other features',
    { derivatives: { shape: [2, 3], data: new Float64Array(6) } },
    'derivatives must have shape [numParameters, 12]; got [2, 3]',
  ],
  [
    'a NaN',
    { derivatives: { shape: [1, WIDTH], data: new Float64Array(WIDTH).fill(Number.NaN) } },
    'derivatives must be finite; got NaN at 0',
  ],
])('refuses %s', (_, extra, message) => {
  expect(() => scoreCompression(options(extra))).toThrow(message);
});
