import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  exponential,
  foldIn,
  keyOf,
  normal,
  normalFloat64,
  permutation,
  randomBits,
  randomIntegers,
  splitKey,
  truncatedNormal,
  uniform,
  uniformFloat64,
} from '../src/index.ts';

interface JaxCase {
  seed: number;
  key: number[];
  split2: number[][];
  split5: number[][];
  split_2x3: number[][][];
  fold_in: Record<string, number[]>;
  bits32_7: string[];
  bits32_3x4: string[];
  uniform_f32_9: string[];
  uniform_f32_minus1_3_5: string[];
  normal_f32_11: string[];
  normal_f32_2x3x4: string[];
  randint_0_1000_8: number[];
  permutation_10: number[];
  exponential_f32_5: string[];
  truncated_normal_f32_5: string[];
}

const fixture = JSON.parse(
  readFileSync(new URL('./fixtures/random/jax_random.json', import.meta.url), 'utf8'),
);
const bitsOf = (hex: string[]) => hex.map((word) => Number.parseInt(word, 16));
const floatsOf = (hex: string[]) => [...new Float32Array(Uint32Array.from(bitsOf(hex)).buffer)];
const largestDifference = (a: ArrayLike<number>, b: number[]) =>
  Math.max(...b.map((value, i) => Math.abs(a[i] - value)));

describe.each(fixture.cases as JaxCase[])('jax.random, seed $seed', (c) => {
  const key = keyOf(c.seed);

  it('gives the same keys', () => {
    expect(key).toEqual(c.key);
    expect(splitKey(key)).toEqual(c.split2);
    expect(splitKey(key, 5)).toEqual(c.split5);
    expect(splitKey(key, 6)).toEqual(c.split_2x3.flat());
    for (const [data, folded] of Object.entries(c.fold_in)) expect(foldIn(key, Number(data))).toEqual(folded);
  });

  it('gives the same bits, uniforms, integers and permutations', () => {
    expect([...randomBits(key, 7)]).toEqual(bitsOf(c.bits32_7));
    expect([...randomBits(key, 12)]).toEqual(bitsOf(c.bits32_3x4));
    expect([...uniform(key, 9)]).toEqual(floatsOf(c.uniform_f32_9));
    expect([...uniform(key, 5, { min: -1, max: 3 })]).toEqual(floatsOf(c.uniform_f32_minus1_3_5));
    expect([...randomIntegers(key, 8, { min: 0, max: 1000 })]).toEqual(c.randint_0_1000_8);
    expect([...permutation(key, 10)]).toEqual(c.permutation_10);
  });

  it('gives the same normals and exponentials to 1e-6', () => {
    // 1e-6 is the bar: two to four float32 last places at |x| < 5, where erfinv and log1p differ between builds of XLA.
    expect(largestDifference(normal(key, 11), floatsOf(c.normal_f32_11))).toBeLessThan(1e-6);
    expect(largestDifference(normal(key, 24), floatsOf(c.normal_f32_2x3x4))).toBeLessThan(1e-6);
    expect(largestDifference(exponential(key, 5), floatsOf(c.exponential_f32_5))).toBeLessThan(1e-6);
    const truncated = truncatedNormal(key, 5, { low: -1, high: 2 });
    expect(largestDifference(truncated, floatsOf(c.truncated_normal_f32_5))).toBeLessThan(1e-6);
  });
});

describe('long draws', () => {
  it('agrees with a million normals of jax in moments and at both ends', () => {
    const reference = fixture.normal_1e6_seed3;
    const draws = normal(keyOf(3), 1_000_000);
    const { mean, variance } = momentsOf(draws);
    // The sums of jax were of the same float32 numbers up to 1e-6 each.
    expect(mean).toBeCloseTo(reference.mean, 7);
    expect(variance).toBeCloseTo(reference.var, 6);
    expect(largestDifference(draws.subarray(0, 3), floatsOf(reference.first))).toBeLessThan(1e-6);
    expect(largestDifference(draws.subarray(-3), floatsOf(reference.last))).toBeLessThan(1e-6);
  });

  it('draws float64 normals with the moments and tail of the normal law', () => {
    const n = 1_000_000;
    const draws = normalFloat64(keyOf(5), n);
    const { mean, variance, kurtosis } = momentsOf(draws);
    // Standard errors of mean, variance and kurtosis of n normals: 1, sqrt 2, sqrt 24 over sqrt n.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan((5 * Math.SQRT2) / Math.sqrt(n));
    expect(Math.abs(kurtosis - 3)).toBeLessThan((5 * Math.sqrt(24)) / Math.sqrt(n));
    // P(|x| > 3) = 0.0026997960632601866 (any table of the normal law).
    const tail = draws.reduce((count, x) => count + (Math.abs(x) > 3 ? 1 : 0), 0) / n;
    expect(Math.abs(tail - 0.0026997960632601866)).toBeLessThan(5 * Math.sqrt(0.0027 / n));
  });

  it('draws float64 normals that are the quantiles of the float64 uniforms', () => {
    // The integral of the normal density from 0 to x by Simpson's rule, against u - 1/2: another route than the rational
    // approximation. Simpson on 2000 intervals is exact to 1e-14 for |x| < 5; half a step of u is 1.1e-16.
    const draws = normalFloat64(keyOf(8), 400);
    const uniforms = uniformFloat64(keyOf(8), 400);
    for (let i = 0; i < 400; i++) {
      expect(Math.abs(normalIntegral(draws[i]) - (uniforms[i] - 0.5))).toBeLessThan(1e-14);
    }
  });

  it('draws float64 uniforms with moments 1/2 and 1/12, and bits below float32 in use', () => {
    const n = 200_000;
    const draws = uniformFloat64(keyOf(6), n);
    const { mean, variance } = momentsOf(draws);
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    // Variance of (x - 1/2)^2 is 1/80 - 1/144 = 1/180.
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    expect(draws.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(draws.filter((x) => x !== Math.fround(x)).length).toBeGreaterThan(0.99 * n);
  });

  it('crosses block borders without a seam: a short draw is a prefix of a long one', () => {
    const key = keyOf(9);
    for (const n of [0, 1, 1023, 1024, 1025, 2048, 3000]) {
      expect(randomBits(key, n)).toEqual(randomBits(key, 4000).slice(0, n));
      expect(normalFloat64(key, n)).toEqual(normalFloat64(key, 4000).slice(0, n));
    }
  });
});

describe('permutation', () => {
  it('is a permutation at sizes that need one and more rounds', () => {
    for (const n of [0, 1, 2, 1000, 5000, 300_000]) {
      const seen = new Uint8Array(n);
      for (const value of permutation(keyOf(n), n)) seen[value]++;
      expect(seen.every((count) => count === 1)).toBe(true);
    }
  });
});

describe('arguments', () => {
  it('refuses what it cannot draw, with the remedy', () => {
    expect(() => keyOf(0.5)).toThrow('kernels.keyOf: seed must be an integer below 2^53; got 0.5.');
    expect(() => foldIn(keyOf(0), -1)).toThrow(
      'kernels.foldIn: data must be an integer from 0 to 2^32 - 1; got -1.',
    );
    expect(() => uniform(keyOf(0), 3, { min: 2, max: 1 })).toThrow('min must be below max');
    expect(() => normal(keyOf(0), Number.NaN)).toThrow('n must be a whole number; got NaN');
    expect(() => truncatedNormal(keyOf(0), 3, { low: 9, high: 10 })).toThrow('kernels.truncatedNormal');
    expect(() => randomIntegers(keyOf(0), 3, { min: 0.5, max: 2 })).toThrow('32-bit integers');
  });

  it('takes bigint seeds, low 32 bits as jax does', () => {
    expect(keyOf(2n ** 40n + 7n)).toEqual(keyOf(7));
    expect(keyOf(-1)).toEqual([0, 0xffffffff]);
  });
});

function momentsOf(draws: Float32Array | Float64Array) {
  const n = draws.length;
  let mean = 0;
  for (const x of draws) mean += x / n;
  let variance = 0;
  let fourth = 0;
  for (const x of draws) {
    variance += (x - mean) ** 2 / n;
    fourth += (x - mean) ** 4 / n;
  }
  return { mean, variance, kurtosis: fourth / variance ** 2 };
}

function normalIntegral(x: number): number {
  const intervals = 2000;
  let sum = 0;
  for (let i = 0; i <= intervals; i++) {
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((x * i) ** 2) / intervals ** 2 / 2);
  }
  return (sum * x) / intervals / 3 / Math.sqrt(2 * Math.PI);
}
