import { keyOf, normal } from '@lensfield/kernels';
import { initTensors, tf, valueAndGradients } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import { contrastInputs, contrastiveLoss } from '../src/estimation/contrastive.ts';
import {
  createRatioNetwork,
  initRatioNetwork,
  logRatioTensor,
  ratioStandardisation,
} from '../src/ratio-network.ts';

await initTensors();

const column = (data: Float32Array) => ({ shape: [data.length, 1], data });
const ramp = column(Float32Array.from({ length: 50 }, (_, i) => i));
const rows = Int32Array.from({ length: 20 }, (_, i) => 2 * i);

test('beside each simulation stand its own parameters and others of the minibatch, all different', () => {
  const { u, summaries } = contrastInputs(
    { u: ramp, summaries: ramp },
    { rows, key: keyOf(1), isTraining: true },
    6,
  );
  expect(u!.shape).toEqual([140, 1]);
  for (let i = 0; i < 20; i++) {
    const atoms = [...u!.data.slice(7 * i, 7 * i + 7)];
    expect(atoms[0]).toBe(2 * i);
    expect(new Set(atoms).size).toBe(7);
    expect(atoms.every((atom) => rows.includes(atom))).toBe(true);
    expect([...summaries!.data.slice(7 * i, 7 * i + 7)]).toEqual(new Array(7).fill(2 * i));
  }
  const other = contrastInputs({ u: ramp, summaries: ramp }, { rows, key: keyOf(2), isTraining: true }, 6);
  expect(other.u!.data).not.toEqual(u!.data);
});

/** The losses by their class probabilities, in float64. */
function lossByClasses(kind: 'nre-b' | 'nre-c', table: number[][], numAtoms: number): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value / values.length, 0);
  const exp = (values: number[]) => values.map(Math.exp);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  if (kind === 'nre-b')
    return mean(table.map((row) => -Math.log(Math.exp(row[0]!) / sum(exp(row.slice(0, numAtoms))))));
  return mean(
    table.map((row) => {
      const none = 1 / (1 + sum(exp(row.slice(1))) / numAtoms);
      const first = Math.exp(row[0]!) / numAtoms / (1 + sum(exp(row.slice(0, numAtoms))) / numAtoms);
      return -(Math.log(none) + Math.log(first)) / 2;
    }),
  );
}

test.each(['nre-b', 'nre-c'] as const)('the loss %s is that of the class probabilities', (kind) => {
  const logs = normal(keyOf(3), 5 * 4).map((value) => 3 * value);
  const table = Array.from({ length: 5 }, (_, i) => [...logs.slice(4 * i, 4 * i + 4)]);
  const loss = tf.tidy(() => contrastiveLoss(kind, tf.tensor1d(logs), 3).dataSync()[0]!);
  // Sums of a few terms in float32.
  expect(Math.abs(loss - lossByClasses(kind, table, 3))).toBeLessThan(2e-6);
});

describe('of standard normals, where the log ratio is known', () => {
  // u ~ N(0, 1), x = u + N(0, 1): log p(x | u) / p(x) = -(x - u)^2 / 2 + x^2 / 4 + log(2) / 2.
  const n = 40_000;
  const u = column(normal(keyOf(4), n));
  const noise = normal(keyOf(5), n);
  const x = column(u.data.map((value, i) => value + noise[i]!));
  const everyRow = Int32Array.from({ length: n }, (_, i) => i);

  const lossAt = (kind: 'nre-b' | 'nre-c', scale: number, shift: number) => {
    const inputs = contrastInputs(
      { u, summaries: x },
      { rows: everyRow, key: keyOf(6), isTraining: false },
      5,
    );
    const logs = inputs.u!.data.map((at, i) => {
      const value = inputs.summaries!.data[i]!;
      return scale * (-((value - at) ** 2) / 2 + value ** 2 / 4 + Math.LN2 / 2) + shift;
    });
    return tf.tidy(() => contrastiveLoss(kind, tf.tensor1d(logs), 5).dataSync()[0]!);
  };

  test.each(['nre-b', 'nre-c'] as const)('%s is least at the right ratio', (kind) => {
    const right = lossAt(kind, 1, 0);
    // With the same atoms the noise of the differences is below 1e-3 of them; 10 % of scale cost some 2e-3 nats.
    expect(lossAt(kind, 0.85, 0)).toBeGreaterThan(right);
    expect(lossAt(kind, 1.15, 0)).toBeGreaterThan(right);
  });

  test('nre-c sees a wrong normalisation, nre-b does not', () => {
    expect(lossAt('nre-c', 1, 0.3)).toBeGreaterThan(lossAt('nre-c', 1, 0));
    expect(lossAt('nre-c', 1, -0.3)).toBeGreaterThan(lossAt('nre-c', 1, 0));
    expect(Math.abs(lossAt('nre-b', 1, 0.3) - lossAt('nre-b', 1, 0))).toBeLessThan(1e-5);
  });

  test('the linear-Gaussian ratio is right before any training', () => {
    const network = createRatioNetwork(1, 1, { hiddenUnits: [4] });
    const weights = Object.fromEntries(
      Object.entries(initRatioNetwork(keyOf(1), network)).map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map(() => 0) },
      ]),
    );
    const fixed = ratioStandardisation(u, x, 'regression');
    const { value, gradients } = valueAndGradients((tensors) => {
      const [at, given] = [tf.tensor2d([0.5], [1, 1]), tf.tensor2d([1.2], [1, 1])];
      return tf.sum(logRatioTensor(network, tensors, fixed, at, given));
    }, weights);
    // Moments of 40 000 draws: 1 %.
    expect(Math.abs(value - (-(0.7 ** 2) / 2 + 1.44 / 4 + Math.LN2 / 2))).toBeLessThan(0.02);
    expect(gradients.values.some((g) => g !== 0)).toBe(true);
  });
});
