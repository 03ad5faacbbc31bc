import { describe, expect, test } from 'vitest';
import { adamStep, keyOf, loadEveryKernels, normal } from '../src/index.ts';

const engines = await loadEveryKernels({ memoryMiB: 64 });

/** Odd, so that a vector's end is there too. */
const SIZE = 37;
const SMALLEST_NORMAL = 2 ** -126;
const CONSTANTS = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

describe.each(engines)('adamStep on $backend', (kernels) => {
  const copyOf = (values: Float32Array) => {
    const array = kernels.float32(values.length);
    array.set(values);
    return array;
  };
  const zeros = () => copyOf(new Float32Array(SIZE));

  test('leaves no subnormal numbers behind when gradients vanish', () => {
    const gradients = copyOf(normal(keyOf(1), SIZE));
    const parameters = zeros();
    const arrays = { parameters, mean: zeros(), variance: zeros() };
    adamStep(kernels, gradients, arrays, { ...CONSTANTS, step: 1 });
    gradients.fill(0);
    const before = Float32Array.from(arrays.mean);
    const subnormal = (x: number) => x !== 0 && Math.abs(x) < SMALLEST_NORMAL;
    for (let step = 2; step <= 1000; step++) {
      adamStep(kernels, gradients, arrays, { ...CONSTANTS, step });
      expect(arrays.mean.some(subnormal)).toBe(false);
    }
    // 0.9^1000 = 1e-46: without the floor they would stay at the smallest float32.
    expect([...arrays.mean]).toEqual(Array(SIZE).fill(0));
    // Variances fall by a thousandth a step: 0.001 g^2 0.999^999, in 1000 roundings of 6e-8.
    arrays.variance.forEach((value, i) => {
      const expected = 0.1 * before[i]! ** 2 * 0.999 ** 999;
      expect(Math.abs(value / expected - 1)).toBeLessThan(1e-4);
    });
  });

  test('counts gradients below 1.4e-17 as zero, and larger ones not', () => {
    const least = 2 ** -56;
    const gradients = copyOf(new Float32Array(SIZE).map((_, i) => (i % 2 ? 1.01 : 0.99) * least));
    const arrays = { parameters: zeros(), mean: zeros(), variance: zeros() };
    adamStep(kernels, gradients, arrays, { ...CONSTANTS, step: 1 });
    arrays.mean.forEach((value, i) => {
      if (i % 2) expect(Math.abs(value / (0.101 * least) - 1)).toBeLessThan(1e-6);
      else expect(value).toBe(0);
    });
  });

  test('passes NaN on', () => {
    const gradients = zeros().fill(Number.NaN);
    const arrays = { parameters: zeros(), mean: zeros(), variance: zeros() };
    adamStep(kernels, gradients, arrays, { ...CONSTANTS, step: 1 });
    expect([...arrays.mean, ...arrays.variance, ...arrays.parameters].every(Number.isNaN)).toBe(true);
  });
});
