import { foldIn, keyOf, loadKernels, normalFloat64 } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import {
  createLognormalModel,
  createMarginalScore,
  FIDUCIAL_PARAMETERS,
  simulateMany,
  simulationBatches,
  surveyPreset,
} from '../src/index.ts';

const survey = { ...surveyPreset('lsst-y10-demo'), mapSize: 16, fieldSizeDeg: 0.625 };
const TRUTH = Object.values(FIDUCIAL_PARAMETERS);
const key = keyOf(11);
const n = 23;

/** Parameters around the truth; row 5 has a negative sigma_8 and so describes no universe. */
function parameters() {
  const scatter = normalFloat64(keyOf(3), 6 * n);
  const data = Float64Array.from({ length: 6 * n }, (_, i) => TRUTH[i % 6]! * (1 + 0.05 * scatter[i]!));
  data[5 * 6 + 2] = -0.1;
  return { shape: [n, 6], data };
}

describe('simulateMany', () => {
  const theta = parameters();

  test('gives the same bytes for any number of workers and any batches', async () => {
    const here = await simulateMany({ survey, key, theta, workers: 0 });
    const one = await simulateMany({ survey, key, theta, workers: 1, batchSize: 5 });
    const three = await simulateMany({ survey, key, theta, workers: 3, batchSize: 2 });
    expect(here.maps.shape).toEqual([n - 1, 16, 16, 5]);
    for (const other of [one, three]) {
      expect(other.ids).toEqual(here.ids);
      expect(Buffer.from(other.maps.data.buffer).equals(Buffer.from(here.maps.data.buffer))).toBe(true);
      expect(other.theta).toEqual(here.theta);
      expect(other.failures).toEqual(here.failures);
    }
  });

  test('simulation i is simulate(foldIn(key, i), theta_i); ids may start anywhere', async () => {
    const model = createLognormalModel({ survey, kernels: await loadKernels({ threads: 1 }) });
    const rows = { shape: [2, 6], data: Float64Array.from([...TRUTH, ...TRUTH]) };
    const { maps, ids } = await simulateMany({ survey, key, theta: rows, firstId: 100, workers: 1 });
    expect(Array.from(ids)).toEqual([100, 101]);
    const expected = model.simulate(foldIn(key, 101), Float64Array.from(TRUTH)).x.data;
    expect(maps.data.slice(expected.length)).toEqual(expected);
    const clean = await simulateMany({ survey, key, theta: rows, firstId: 100, workers: 0, noise: false });
    const convergence = model.simulateConvergence(foldIn(key, 101), Float64Array.from(TRUTH)).x.data;
    expect(clean.maps.data.slice(convergence.length)).toEqual(convergence);
  });

  test('marginal scores are those of the maps, for any number of workers', async () => {
    const marginalScoresAt = Float64Array.from(TRUTH);
    const [here, there] = await Promise.all(
      [0, 2].map((workers) => simulateMany({ survey, key, theta, workers, batchSize: 3, marginalScoresAt })),
    );
    expect(there!.marginalScores).toEqual(here!.marginalScores);
    expect(here!.marginalScores!.shape).toEqual([n - 1, 6]);
    const model = createLognormalModel({ survey, kernels: await loadKernels({ threads: 1 }) });
    const marginal = createMarginalScore({ model, theta: marginalScoresAt });
    const size = here!.maps.data.length / (n - 1);
    const last = { shape: [16, 16, 5], data: here!.maps.data.slice((n - 2) * size) };
    expect(here!.marginalScores!.data.slice(6 * (n - 2))).toEqual(marginal.evaluate(last).score);
    await expect(simulateMany({ survey, key, theta, noise: false, marginalScoresAt })).rejects.toThrow(
      'marginalScoresAt must be left out when noise is false',
    );
  });

  test('failures are listed with their reason and everything is accounted for', async () => {
    const seen: number[] = [];
    const result = await simulateMany({
      survey,
      key,
      theta,
      workers: 2,
      batchSize: 4,
      scores: true,
      onProgress: ({ done }) => seen.push(done),
    });
    expect(result.failures.map(({ id }) => id)).toEqual([5]);
    expect(result.failures[0]!.reason).toMatch(/sigma_8 must be finite and positive; got -0.1/);
    expect(result.failures[0]!.theta[2]).toBe(-0.1);
    expect(result.ids.length + result.failures.length).toBe(n);
    expect(result.ids.includes(5)).toBe(false);
    expect(result.theta.data.slice(5 * 6, 6 * 6)).toEqual(theta.data.slice(6 * 6, 7 * 6));
    expect(result.scores!.shape).toEqual([n - 1, 6]);
    expect(result.scores!.data.every(Number.isFinite)).toBe(true);
    expect(seen).toEqual([4, 8, 12, 16, 20, 23]);
  });

  test('stops when aborted', async () => {
    const controller = new AbortController();
    const run = async () => {
      for await (const _ of simulationBatches({
        survey,
        key,
        theta,
        workers: 2,
        batchSize: 1,
        signal: controller.signal,
      }))
        controller.abort(new Error('enough'));
    };
    await expect(run()).rejects.toThrow('enough');
  });

  test('wrong options are refused before anything starts', async () => {
    const call = (options: object) => simulateMany({ survey, key, theta, ...options });
    await expect(call({ theta: { shape: [0, 6], data: new Float64Array(0) } })).rejects.toThrow(
      /theta must have at least one row; got 0/,
    );
    await expect(call({ theta: { shape: [2, 5], data: new Float64Array(10) } })).rejects.toThrow(
      /theta must have shape \[n, 6\]; got \[2, 5\]/,
    );
    await expect(call({ workers: -1 })).rejects.toThrow(/workers must be an integer from 0/);
    await expect(call({ noise: false, scores: true })).rejects.toThrow(/scores must be left out/);
    await expect(call({ survey: { ...survey, mapSize: 14 } })).rejects.toThrow(
      /survey.mapSize must have no prime factors but 2, 3 and 5; got 14. Use 12 or 15/,
    );
  });
});
