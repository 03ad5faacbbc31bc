import { keyOf, loadEveryKernels, normalCdf, normalFloat64, splitKey, uniform } from '@lensfield/kernels';
import { relativeError } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import { drawParameters, emptyNetwork, workspaceFor } from '../src/classifier/_network.ts';
import { lossAndGradient } from '../src/classifier/_train-network.ts';
import { c2st } from '../src/index.ts';
import { readArray, readJson } from './_fixtures.ts';

interface SklearnRun {
  readonly accuracy: number;
  readonly sd: number;
  readonly epochs: number;
}
const sklearn = readJson('scikit-learn/results.json') as {
  atMost40Epochs: Record<string, SklearnRun>;
  shiftedUnlimited: SklearnRun;
};
const reference = readArray('scikit-learn/reference.npy');
const firstRows = (set: typeof reference, n: number) => ({
  shape: [n, set.shape[1]],
  data: set.data.slice(0, n * set.shape[1]),
});

const engines = await loadEveryKernels({ threads: 1 });

describe.each(engines.map((kernels) => [kernels.backend, kernels] as const))('on %s', (_, kernels) => {
  it('the gradient of the loss is that of central differences', () => {
    const [initKey, pointKey, directionKey] = splitKey(keyOf(1), 3);
    const points = Float32Array.from(normalFloat64(pointKey, 3 * 20));
    const labels = Uint8Array.from({ length: 20 }, (_, i) => i % 2);
    const rows = Int32Array.from({ length: 20 }, (_, i) => (7 * i) % 20);
    const [network, gradient] = [emptyNetwork(kernels, 3, [8, 5]), emptyNetwork(kernels, 3, [8, 5])];
    drawParameters(network, initKey);
    const work = workspaceFor(kernels, network, 20);
    const loss = () =>
      lossAndGradient(kernels, network, gradient, { points, labels, dimension: 3 }, rows, work, 0.3);
    loss();
    const analytic = gradient.parameters.slice();
    const start = network.parameters.slice();
    const direction = uniform(directionKey, start.length, { min: -1, max: 1 });
    // The constant columns are no parameters.
    for (const [at, value] of analytic.entries()) if (value === 0) direction[at] = 0;
    const along = (step: number) => {
      network.parameters.set(start.map((value, i) => value + step * direction[i]));
      return loss();
    };
    const step = 2e-3;
    const numeric = (along(step) - along(-step)) / (2 * step);
    const expected = analytic.reduce((sum, value, i) => sum + value * direction[i], 0);
    const norm = (values: Float32Array) => Math.hypot(...values);
    // Of the largest slope there is: float32 rounding, 1e-7 / step, and a kink of ReLU that the step crosses.
    expect(Math.abs(numeric - expected) / (norm(analytic) * norm(direction))).toBeLessThan(2e-3);
  });

  it('finds no difference where there is none', () => {
    const samples = readArray('scikit-learn/same.npy');
    const { accuracy, standardError } = c2st({ kernels, samples, reference, key: keyOf(2), maxEpochs: 10 });
    expect(Math.abs(accuracy - 0.5)).toBeLessThan(5 * standardError);
  });

  it.each(['shifted', 'correlated'])('agrees with scikit-learn on %s points', (name) => {
    const samples = readArray(`scikit-learn/${name}.npy`);
    const result = c2st({ kernels, samples, reference, key: keyOf(3), maxEpochs: 40 });
    // Folds and first weights differ: the accuracy of one run scatters by about 0.002 (sd in results.json).
    expect(Math.abs(result.accuracy - sklearn.atMost40Epochs[name].accuracy)).toBeLessThan(0.01);
    expect(result.numSamples).toBe(2000);
    expect(result.foldAccuracies.length).toBe(5);
  });
});

describe('c2st', () => {
  const kernels = engines[0];

  it('comes near the Bayes accuracy of two Gaussians, Phi(shift / 2)', () => {
    const samples = readArray('scikit-learn/shifted.npy');
    const { accuracy, standardError } = c2st({ kernels, samples, reference, key: keyOf(4), maxEpochs: 10 });
    expect(Math.abs(accuracy - normalCdf(0.5))).toBeLessThan(3 * standardError + 0.005);
  });

  it('stops as scikit-learn does when there is no limit', () => {
    const shifted = firstRows(readArray('scikit-learn/shifted.npy'), 1000);
    const result = c2st({ kernels, samples: shifted, reference: firstRows(reference, 1000), key: keyOf(5) });
    const meanEpochs = result.foldEpochs.reduce((sum, n) => sum + n, 0) / 5;
    // The number of epochs scatters by 60 % from fit to fit (measured on 30), so by 27 % in a mean of 5: 3 times that.
    expect(relativeError(meanEpochs, sklearn.shiftedUnlimited.epochs)).toBeLessThan(0.8);
    // 4 times the scatter of scikit-learn's own runs, 0.0043.
    expect(Math.abs(result.accuracy - sklearn.shiftedUnlimited.accuracy)).toBeLessThan(0.018);
  });

  it('gives the same number for the same key, in any units', () => {
    const samples = firstRows(readArray('scikit-learn/shifted.npy'), 300);
    const options = { kernels, key: keyOf(6), maxEpochs: 5 };
    const once = c2st({ ...options, samples, reference });
    expect(c2st({ ...options, samples, reference })).toEqual(once);
    expect(once.numSamples).toBe(300);
    // Powers of 2 scale without rounding.
    const scale = ({ shape, data }: typeof reference) => ({ shape, data: data.map((value) => 1024 * value) });
    expect(c2st({ ...options, samples: scale(samples), reference: scale(reference) })).toEqual(once);
  });

  it('refuses sets that do not fit', () => {
    const run =
      (samples: typeof reference, numFolds = 5) =>
      () =>
        c2st({ kernels, samples, reference, numFolds, key: keyOf(7) });
    const make = (n: number, d: number, value = 0) => ({
      shape: [n, d],
      data: new Float64Array(n * d).fill(value),
    });
    expect(run(make(10, 3))).toThrow(
      'diagnostics.c2st: samples must have the columns of the reference, 2; got 3.',
    );
    expect(run(make(3, 2))).toThrow('samples.shape[0] must be a whole number >= 5; got 3.');
    expect(run(make(10, 2, Number.NaN))).toThrow('samples must be finite; got NaN at index 0.');
    expect(run(make(10, 2), 1)).toThrow('numFolds must be a whole number >= 2; got 1.');
    const flat = { kernels, samples: make(10, 2), reference: make(10, 2, 3), key: keyOf(7) };
    expect(() => c2st(flat)).toThrow('reference must vary in every column; got 3 always in column 0.');
  });
});
