import { foldIn, inverse, type Kernels, keyOf, loadKernels, rfft2 } from '@lensfield/kernels';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createLognormalModel,
  FIDUCIAL_PARAMETERS,
  type LognormalModel,
  surveyPreset,
} from '../src/index.ts';
import { modeMultipoles } from '../src/spectrum-nodes.ts';

const THETA = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));
const NUM_MAPS = 200;
const PAIRS = Array.from({ length: 5 }, (_, i) =>
  Array.from({ length: 5 - i }, (__, j) => [i, i + j] as const),
).flat();

/** Bands up to 0.7 of the Nyquist frequency (4608); the first is wide because long waves are few, the rest 400 wide. */
const EDGES = [36, 800, 1200, 1600, 2000, 2400, 2800, 3225];

interface Measured {
  /** Band powers of each map, [maps][pairs * bands]. */
  readonly powers: Float64Array[];
  /** Sums over pixels of kappa, kappa^2, kappa^3 of each map, [maps][bins * 3]. */
  readonly moments: Float64Array[];
}

/** Band of each mode of a half plane, -1 outside, and weight 2 where the mirror mode is not stored. */
function halfPlaneBands(size: number, fundamental: number) {
  const columns = size / 2 + 1;
  const band = new Int32Array(size * columns);
  const weight = new Float64Array(size * columns);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < columns; column++) {
      const ell = fundamental * Math.hypot(Math.min(row, size - row), column);
      const above = EDGES.findIndex((edge) => ell < edge);
      band[row * columns + column] = ell === 0 ? -1 : above - 1;
      weight[row * columns + column] = column === 0 || column === size / 2 ? 1 : 2;
    }
  return { band, weight };
}

function measure(kernels: Kernels, model: LognormalModel): Measured {
  const { mapSize } = model.survey;
  const pixels = mapSize ** 2;
  const columns = mapSize / 2 + 1;
  const { band, weight } = halfPlaneBands(mapSize, 36);
  const counts = new Float64Array(EDGES.length - 1);
  band.forEach((b, i) => {
    if (b >= 0) counts[b]! += weight[i]!;
  });
  const side = (model.survey.fieldSizeDeg * Math.PI) / 180;
  const fields = kernels.float32(5 * pixels);
  const waves = kernels.float32(2 * 5 * mapSize * columns);
  const powers: Float64Array[] = [];
  const moments: Float64Array[] = [];
  for (let map = 0; map < NUM_MAPS; map++) {
    const { data } = model.simulateConvergence(foldIn(keyOf(2024), map), THETA).x;
    const sums = new Float64Array(15);
    data.forEach((kappa, i) => {
      const bin = i % 5;
      fields[bin * pixels + (i - bin) / 5] = kappa;
      sums[3 * bin]! += kappa;
      sums[3 * bin + 1]! += kappa * kappa;
      sums[3 * bin + 2]! += kappa * kappa * kappa;
    });
    moments.push(sums);
    rfft2(kernels, fields, waves, { batch: 5, rows: mapSize, columns: mapSize });
    const power = new Float64Array(PAIRS.length * counts.length);
    PAIRS.forEach(([i, j], pair) => {
      const [a, b] = [i * 2 * mapSize * columns, j * 2 * mapSize * columns];
      for (let mode = 0; mode < band.length; mode++) {
        if (band[mode]! < 0) continue;
        const product =
          waves[a + 2 * mode]! * waves[b + 2 * mode]! + waves[a + 2 * mode + 1]! * waves[b + 2 * mode + 1]!;
        power[pair * counts.length + band[mode]!]! += weight[mode]! * product;
      }
    });
    powers.push(power.map((sum, k) => (sum / counts[k % counts.length]!) * (side ** 2 / pixels ** 2)));
  }
  return { powers, moments };
}

const NUM_BANDS = EDGES.length - 1;

/** Spectrum of a pair at any multipole: parabolas in log-log through three nodes, another rule than the package's. */
function theoryOf(model: LognormalModel): (pair: number, multipole: number) => number {
  const { ell, values } = model.spectra(THETA);
  return (pair, multipole) => {
    let at = 1;
    while (at < ell.length - 2 && ell[at + 1]! < multipole) at++;
    const x = [at - 1, at, at + 1].map((k) => Math.log(ell[k]!)) as [number, number, number];
    const y = [at - 1, at, at + 1].map((k) => Math.log(values[pair * ell.length + k]!)) as [
      number,
      number,
      number,
    ];
    const t = Math.log(multipole);
    return Math.exp(
      (y[0] * (t - x[1]) * (t - x[2])) / ((x[0] - x[1]) * (x[0] - x[2])) +
        (y[1] * (t - x[0]) * (t - x[2])) / ((x[1] - x[0]) * (x[1] - x[2])) +
        (y[2] * (t - x[0]) * (t - x[1])) / ((x[2] - x[0]) * (x[2] - x[1])),
    );
  };
}

/** The modes of the half plane with their multipoles, bands and weights. */
function forEachMode(visit: (multipole: number, band: number, weight: number) => void): void {
  const { band, weight } = halfPlaneBands(256, 36);
  for (let mode = 1; mode < band.length; mode++) {
    const row = Math.floor(mode / 129);
    visit(36 * Math.hypot(Math.min(row, 256 - row), mode % 129), band[mode]!, weight[mode]!);
  }
}

/** Theory averaged over the modes of each band, [pairs * bands]. */
function expectedBands(model: LognormalModel): Float64Array {
  const theory = theoryOf(model);
  const sums = new Float64Array(PAIRS.length * NUM_BANDS);
  const counts = new Float64Array(NUM_BANDS);
  forEachMode((multipole, band, weight) => {
    if (band < 0) return;
    counts[band]! += weight;
    for (let pair = 0; pair < PAIRS.length; pair++)
      sums[pair * NUM_BANDS + band]! += weight * theory(pair, multipole);
  });
  return sums.map((sum, at) => sum / counts[at % NUM_BANDS]!);
}

/**
 * Variance and third central moment of the pixels of each bin: the variance is the power summed over the modes of the map; with
 * kappa + shift = shift exp(g - s / 2) and w = exp(s) = 1 + variance / shift^2 the skewness is (w + 2) sqrt(w - 1).
 */
function expectedMoments(model: LognormalModel): { variance: number; third: number }[] {
  const theory = theoryOf(model);
  const side = (model.survey.fieldSizeDeg * Math.PI) / 180;
  return Array.from(model.shifts(THETA), (shift, bin) => {
    const pair = PAIRS.findIndex(([i, j]) => i === bin && j === bin);
    let variance = 0;
    forEachMode((multipole, _, weight) => {
      variance += (weight * theory(pair, multipole)) / side ** 2;
    });
    const w = 1 + variance / shift ** 2;
    return { variance, third: (w + 2) * Math.sqrt(w - 1) * variance ** 1.5 };
  });
}

/** Per bin: the map's mean kappa^2 and kappa^3 over their expectations, less one; [bins * 2]. The mean of kappa itself is zero. */
function controlsOf(expected: { variance: number; third: number }[], sums: Float64Array): number[] {
  const pixels = 256 ** 2;
  return expected.flatMap(({ variance, third }, bin) => [
    sums[3 * bin + 1]! / pixels / variance - 1,
    sums[3 * bin + 2]! / pixels / third - 1,
  ]);
}

/** Mean of values after regression on controls of expectation zero, and its standard error. */
function meanWithControls(values: readonly number[], controls: readonly number[][]) {
  const n = values.length;
  const rows = controls.map((c) => [1, ...c]);
  const size = rows[0]!.length;
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  rows.forEach((row, k) => {
    for (let a = 0; a < size; a++) {
      right[a]! += row[a]! * values[k]!;
      for (let b = 0; b < size; b++) normal[a * size + b]! += row[a]! * row[b]!;
    }
  });
  const inverseNormal = inverse(normal, size);
  const coefficients = Array.from({ length: size }, (_, a) =>
    right.reduce((sum, r, b) => sum + inverseNormal[a * size + b]! * r, 0),
  );
  const residual = rows.reduce(
    (sum, row, k) => sum + (values[k]! - row.reduce((fit, x, a) => fit + x * coefficients[a]!, 0)) ** 2,
    0,
  );
  return {
    mean: coefficients[0]!,
    standardError: Math.sqrt((residual / (n - size)) * inverseNormal[0]!),
  };
}

describe('200 maps of lsst-y10', async () => {
  const kernels = await loadKernels({ threads: 2 });
  const model = createLognormalModel({ survey: surveyPreset('lsst-y10'), kernels });
  let measured: Measured;
  beforeAll(() => {
    measured = measure(kernels, model);
  }, 120_000);

  test('spectra are within 1 % of theory in every band below 0.7 of the Nyquist frequency', () => {
    const expected = expectedBands(model);
    const moments = expectedMoments(model);
    const controls = measured.moments.map((sums) => controlsOf(moments, sums));
    let [worst, worstPlain, worstError, squares] = [0, 0, 0, 0];
    for (let pair = 0; pair < PAIRS.length; pair++)
      for (let band = 0; band < NUM_BANDS; band++) {
        const at = pair * NUM_BANDS + band;
        const ratios = measured.powers.map((power) => power[at]! / expected[at]!);
        const [i, j] = PAIRS[pair]!;
        const own = controls.map((c) => [
          c[2 * i]!,
          c[2 * i + 1]!,
          ...(j > i ? [c[2 * j]!, c[2 * j + 1]!] : []),
        ]);
        const { mean, standardError } = meanWithControls(ratios, own);
        const plain = meanWithControls(
          ratios,
          ratios.map(() => []),
        );
        worst = Math.max(worst, Math.abs(mean - 1));
        worstPlain = Math.max(worstPlain, Math.abs(plain.mean - 1));
        worstError = Math.max(worstError, standardError);
        squares += ((mean - 1) / standardError) ** 2;
      }
    const rms = Math.sqrt(squares / (PAIRS.length * NUM_BANDS));
    console.log(
      `spectra: largest deviation ${worst} (bare mean ${worstPlain}), largest standard error ${worstError}, rms of deviation over standard error ${rms}`,
    );
    expect(worst).toBeLessThan(0.01);
    /* The mean of 200 maps is itself uncertain: in the nearest bin, very skewed, the power of a map goes with its few brightest
       pixels. Regression on the map's variance and third moment, whose expectations are known, takes that out. What is left is the
       number of modes, worst for the nearest bin against the farthest at low ell. 105 correlated deviations of rms 1 are expected. */
    expect(worstError).toBeLessThan(0.0065);
    expect(rms).toBeLessThan(1.6);
  });

  test('variance and skewness are those of a log-normal field', () => {
    const pixels = 256 ** 2;
    const expected = expectedMoments(model);
    for (let bin = 0; bin < 5; bin++) {
      const { variance, third } = expected[bin]!;
      const total = measured.moments.reduce(
        (sum, m) => [sum[0]! + m[3 * bin]!, sum[1]! + m[3 * bin + 1]!, sum[2]! + m[3 * bin + 2]!],
        [0, 0, 0],
      );
      const [mean, square, cube] = total.map((sum) => sum / (NUM_MAPS * pixels)) as [number, number, number];
      const second = square - mean ** 2;
      const skewness = (cube - 3 * mean * square + 2 * mean ** 3) / second ** 1.5;
      const predicted = third / variance ** 1.5;
      console.log(
        `bin ${bin}: variance ${second / variance}, skewness ${skewness / predicted} of the prediction`,
      );
      expect(Math.abs(second / variance - 1)).toBeLessThan(0.01);
      expect(Math.abs(skewness / predicted - 1)).toBeLessThan(0.05);
      expect(Math.abs(mean)).toBeLessThan(0.02 * Math.sqrt(second));
    }
  });

  test('noise has standard deviation 0.04774 and is white', () => {
    let [sum, squares, neighbours, count] = [0, 0, 0, 0];
    for (let map = 0; map < 4; map++) {
      const key = foldIn(keyOf(2024), map);
      const noiseless = model.simulateConvergence(key, THETA).x.data;
      const noise = model.simulate(key, THETA).x.data.map((y, i) => y - noiseless[i]!);
      for (let i = 0; i < noise.length; i++) {
        sum += noise[i]!;
        squares += noise[i]! ** 2;
        neighbours += noise[i]! * noise[(i + 5) % noise.length]!;
        count++;
      }
    }
    const variance = squares / count - (sum / count) ** 2;
    /* 1.3 million pixels: standard errors 0.06 % of the deviation and 0.09 % of the correlation. */
    expect(Math.abs(Math.sqrt(variance) / 0.04774 - 1)).toBeLessThan(0.003);
    expect(Math.abs(neighbours / count / variance)).toBeLessThan(0.0045);
    expect(model.noiseStandardDeviations[0]).toBeCloseTo(0.04774, 5);
  });

  test('modes of the map are where the theory puts them', () => {
    expect(Math.max(...modeMultipoles({ mapSize: 256, fieldSizeDeg: 10 }))).toBeCloseTo(4608 * Math.SQRT2, 6);
  });
});
