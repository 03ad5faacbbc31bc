import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  fillBits,
  fillNormal,
  fillUniform,
  foldIn,
  keyOf,
  loadEveryKernels,
  loadKernels,
  normal,
  randomBits,
  uniform,
} from '../src/index.ts';

interface JaxCase {
  seed: number;
  key: [number, number];
  bits32_7: string[];
  uniform_f32_9: string[];
  uniform_f32_minus1_3_5: string[];
  normal_f32_11: string[];
}

const { cases } = JSON.parse(
  readFileSync(new URL('./fixtures/random/jax_random.json', import.meta.url), 'utf8'),
) as { cases: JaxCase[] };
const engines = await loadEveryKernels({ memoryMiB: 64 });

const hexWords = (list: string[]) => Uint32Array.from(list, (hex) => Number.parseInt(hex, 16));
const floats = (list: string[]) => new Float32Array(hexWords(list).buffer);
const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((m, x, i) => Math.max(m, Math.abs(x - b[i]!)), 0);

describe.each(engines)('random fill on $backend', (kernels) => {
  it('has the bits, uniforms and normals of jax', () => {
    for (const jax of cases) {
      const bits = new Uint32Array(7);
      fillBits(kernels, jax.key, bits);
      expect(bits).toEqual(hexWords(jax.bits32_7));
      const unit = new Float32Array(9);
      fillUniform(kernels, jax.key, unit);
      expect(unit).toEqual(floats(jax.uniform_f32_9));
      const wide = new Float32Array(jax.uniform_f32_minus1_3_5.length);
      fillUniform(kernels, jax.key, wide, { min: -1, max: 3 });
      expect(wide).toEqual(floats(jax.uniform_f32_minus1_3_5));
      const normals = new Float32Array(11);
      fillNormal(kernels, jax.key, normals);
      /* 1e-6: the bar; erfinv differs in the last place between builds. */
      expect(largestDifference(normals, floats(jax.normal_f32_11))).toBeLessThan(1e-6);
    }
  });

  it.each([1, 17, 8192, 100_003])('agrees with the plain draws for %i numbers', (n) => {
    const key = foldIn(keyOf(11), n);
    const bits = new Uint32Array(n);
    fillBits(kernels, key, bits);
    expect(bits).toEqual(randomBits(key, n));
    const draws = new Float32Array(n);
    fillUniform(kernels, key, draws, { min: -2.5, max: 0.3 });
    expect(draws).toEqual(uniform(key, n, { min: -2.5, max: 0.3 }));
    fillNormal(kernels, key, draws);
    /* In units of the draw or of 1: far in the tail the last place is larger. */
    const plain = normal(key, n);
    for (let i = 0; i < n; i++)
      if (Math.abs(draws[i]! - plain[i]!) > 1e-6 * Math.max(1, Math.abs(plain[i]!)))
        expect(draws[i]).toBeCloseTo(plain[i]!, 6);
  });

  it('is finite at both ends: a million draws of one key', () => {
    const draws = kernels.float32(1_000_000);
    fillNormal(kernels, keyOf(3), draws);
    expect(draws.every(Number.isFinite)).toBe(true);
    const mean = kernels.call.lf_sum(draws, draws.length) / draws.length;
    const variance = kernels.call.lf_sum_of_squares(draws, draws.length) / draws.length;
    /* Five standard errors, 1 / sqrt n and sqrt(2 / n). */
    expect(Math.abs(mean)).toBeLessThan(5e-3);
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2e-6));
    kernels.free(draws);
  });

  it('refuses an empty interval', () => {
    expect(() => fillUniform(kernels, keyOf(0), new Float32Array(1), { min: 1, max: 1 })).toThrow(
      'kernels.fillUniform: min must be below max; got 1 and 1.',
    );
  });
});

it('gives the same bytes on every backend and for any number of threads', async () => {
  const draws = await Promise.all(
    [...engines, await loadKernels({ threads: 2 }), await loadKernels({ threads: 3 })].map(
      async (kernels) => {
        const out = new Float32Array(100_001);
        fillNormal(kernels, keyOf(4), out);
        return out;
      },
    ),
  );
  for (const other of draws.slice(1)) expect(other).toEqual(draws[0]);
});
