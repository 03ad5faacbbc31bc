import { keyOf, normal, normalFloat64 } from '@lensfield/kernels';
import { initTensors, tensorsOf, tf } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import {
  createRatioNetwork,
  initRatioNetwork,
  logRatioTensor,
  ratioStandardisation,
} from '../src/ratio-network.ts';
import { type EnsembleLikelihood, likelihoodEvaluator } from '../src/sampling/likelihood-evaluator.ts';
import { pointDensity, posteriorDensity } from '../src/sampling/posterior-density.ts';
import { linearPrior, simulate } from './_linear-gaussian.ts';

await initTensors();

const set = simulate(keyOf(1), 300);
const u = {
  shape: [300, 2],
  data: Float32Array.from(set.theta.data, (value, i) => (value - [0.3, -1][i % 2]!) / [0.2, 0.5][i % 2]!),
};
const network = createRatioNetwork(2, 3, { hiddenUnits: [6] });
const fixed = ratioStandardisation(u, set.summaries, 'regression');

/** Networks far from the linear-Gaussian model, each another. */
function member(seed: number) {
  const weights = Object.fromEntries(
    Object.entries(initRatioNetwork(keyOf(seed), network)).map(([name, { shape, data }]) => [
      name,
      { shape, data: normal(keyOf(seed + data.length), data.length).map((z) => 0.7 * z) },
    ]),
  );
  return (at: tf.Tensor2D, t: tf.Tensor2D) => logRatioTensor(network, tensorsOf(weights), fixed, at, t);
}

const rows = 7;
const positions = normalFloat64(keyOf(5), 2 * rows);
const summaries = set.summaries.data.slice(0, 3 * rows);

describe.each(['mixture', 'mean'] as const)('an ensemble by its %s', (combination) => {
  const members = [member(11), member(12)];
  const likelihood: EnsembleLikelihood = { members, combination, dimension: 2, numSummaries: 3 };

  test('has the gradient of its log density, each row its own', () => {
    const { logDensities, dispose } = posteriorDensity(linearPrior, likelihood, summaries);
    const [values, gradients] = [new Float64Array(rows), new Float64Array(2 * rows)];
    logDensities(positions, values, gradients);
    const step = 1e-2;
    for (let i = 0; i < positions.length; i++) {
      const at = (offset: number) => {
        const moved = positions.slice();
        moved[i]! += offset;
        const out = new Float64Array(rows);
        logDensities(moved, out);
        return out;
      };
      const [up, down] = [at(step), at(-step)];
      const row = Math.floor(i / 2);
      const difference = (up[row]! - down[row]!) / (2 * step);
      // float32 values of order 10 carry 1e-6, over a step of 1e-2; the cubic term is as large.
      expect(Math.abs(gradients[i]! - difference)).toBeLessThan(2e-3 * (1 + Math.abs(difference)));
      up.forEach((value, other) => {
        if (other !== row) expect(value).toBe(values[other]);
      });
    }
    dispose();
  });

  test('combines its members by hand', () => {
    const single = (k: number) => {
      const evaluator = likelihoodEvaluator({ ...likelihood, members: [members[k]!] }, rows);
      const out = new Float64Array(rows);
      evaluator.evaluate(Float32Array.from(positions), summaries, out);
      evaluator.dispose();
      return out;
    };
    const [first, second] = [single(0), single(1)];
    const evaluator = likelihoodEvaluator(likelihood, rows);
    const both = new Float64Array(rows);
    evaluator.evaluate(Float32Array.from(positions), summaries, both);
    evaluator.dispose();
    both.forEach((value, i) => {
      const [a, b] = [first[i]!, second[i]!];
      const wanted = combination === 'mean' ? (a + b) / 2 : Math.log((Math.exp(a) + Math.exp(b)) / 2);
      // The same float32 values, combined in float64.
      expect(Math.abs(value - wanted)).toBeLessThan(1e-9 * (1 + Math.abs(wanted)));
    });
  });

  test('is the same compiled and op by op, for few points and many, and leaves no tensor', () => {
    const before = tf.memory().numTensors;
    const observation = summaries.slice(0, 3);
    const points = normalFloat64(keyOf(6), 2 * 1500);
    const compiled = pointDensity(linearPrior, likelihood, observation);
    const plain = pointDensity(linearPrior, likelihood, observation, 1500);
    const [a, b] = [compiled.evaluate(points), plain.evaluate(points)];
    // Element-wise runs are joined when compiled, to the same numbers.
    a.forEach((value, i) => {
      expect(Math.abs(value - b[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
    });
    compiled.dispose();
    plain.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
