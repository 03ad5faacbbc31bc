import { describe, expect, test } from 'vitest';
import {
  addDeviation,
  fieldMoments,
  keyOf,
  latentGradient,
  loadEveryKernels,
  loadKernels,
  lognormalMap,
  lognormalResidual,
  normal,
  normalFloat64,
  roundLatents,
} from '../src/index.ts';

const shift = Float64Array.of(0.005, 0.03, 0.1);
const variance = Float64Array.of(0.7, 0.3, 0.1);
const inverseNoiseVariance = Float64Array.of(440, 300, 1000);
const FIELDS = 3;

/** kappa in float64. */
const kappaOf = (g: number, field: number) => shift[field]! * Math.expm1(g - variance[field]! / 2);

describe.each(await loadEveryKernels({ threads: 2 }))('log-normal transform on $backend', (kernels) => {
  /* Sizes below, at and above the width of a vector, and above the size of a task. */
  describe.each([1, 7, 64, 9001])('%i pixels', (pixels) => {
    const g = normal(keyOf(1), FIELDS * pixels).map(
      (x, i) => x * Math.sqrt(variance[Math.floor(i / pixels)]!),
    );
    const data = normal(keyOf(2), g.length).map((x) => 0.05 * x);

    test('maps are those of float64', () => {
      const map = new Float32Array(g.length);
      lognormalMap(kernels, g, map, { shift, variance });
      map.forEach((kappa, i) => {
        const field = Math.floor(i / pixels);
        const exact = kappaOf(g[i]!, field);
        expect(Math.abs(kappa - exact)).toBeLessThan(5e-7 * (exact + 2 * shift[field]!));
      });
    });

    test('misfit, gradients and sums are those of float64', () => {
      const gradient = new Float32Array(g.length);
      const sums = new Float64Array(3 * FIELDS);
      lognormalResidual(
        kernels,
        { gaussian: g, data, gradient, sums, inverseNoiseVariance },
        { shift, variance },
      );
      for (let field = 0; field < FIELDS; field++) {
        const expected = [0, 0, 0];
        let [shiftScale, changeScale] = [0, 0];
        for (let i = field * pixels; i < (field + 1) * pixels; i++) {
          const residual = data[i]! - kappaOf(g[i]!, field);
          const growth = Math.exp(g[i]! - variance[field]! / 2);
          const change = residual * inverseNoiseVariance[field]! * shift[field]! * growth;
          expected[0]! += residual ** 2;
          expected[1]! += residual * inverseNoiseVariance[field]! * (growth - 1);
          expected[2]! += change;
          shiftScale += Math.abs(residual * inverseNoiseVariance[field]! * (growth + 1));
          changeScale += Math.abs(change);
          expect(Math.abs(gradient[i]! - change)).toBeLessThan(
            2e-6 *
              (Math.abs(change) +
                inverseNoiseVariance[field]! * shift[field]! * growth * (shift[field]! * growth)),
          );
        }
        expect(Math.abs(sums[3 * field]! - expected[0]!)).toBeLessThan(1e-6 * expected[0]!);
        expect(Math.abs(sums[3 * field + 1]! - expected[1]!)).toBeLessThan(2e-6 * shiftScale);
        expect(Math.abs(sums[3 * field + 2]! - expected[2]!)).toBeLessThan(2e-6 * changeScale);
      }
    });

    test('moments and the gradient of a sample variance are those of float64', () => {
      const moments = new Float64Array(2 * FIELDS);
      fieldMoments(kernels, g, moments);
      const factor = Float64Array.of(1, -2, 0.5);
      const gradient = new Float32Array(g.length);
      addDeviation(kernels, g, gradient, moments, factor);
      for (let field = 0; field < FIELDS; field++) {
        const values = Array.from(g.subarray(field * pixels, (field + 1) * pixels));
        const mean = values.reduce((sum, x) => sum + x, 0) / pixels;
        const sample = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / pixels;
        expect(Math.abs(moments[2 * field]! - mean)).toBeLessThan(1e-12);
        expect(Math.abs(moments[2 * field + 1]! - sample)).toBeLessThan(1e-12);
        values.forEach((x, i) => {
          expect(Math.abs(gradient[field * pixels + i]! - factor[field]! * (x - mean))).toBeLessThan(1e-6);
        });
      }
    });

    test('latents: sum of squares and prior gradient', () => {
      const z = normalFloat64(keyOf(3), pixels);
      const rounded = new Float32Array(pixels);
      const squares = roundLatents(kernels, z, rounded);
      expect(Math.abs(squares / z.reduce((sum, x) => sum + x * x, 0) - 1)).toBeLessThan(1e-13);
      expect(rounded).toEqual(Float32Array.from(z));
      const gradient = new Float64Array(pixels);
      latentGradient(kernels, rounded, z, gradient);
      expect(gradient).toEqual(z.map((x, i) => rounded[i]! - x));
    });
  });

  test('NaN is passed on, not hidden', () => {
    const g = Float32Array.of(0, Number.NaN, 0);
    const map = new Float32Array(3);
    lognormalMap(kernels, g, map, { shift, variance });
    expect(map[1]).toBeNaN();
    expect(roundLatents(kernels, Float64Array.of(1, Number.NaN), new Float32Array(2))).toBeNaN();
  });
});

test('sums are the same bytes for any number of threads', async () => {
  const pixels = 40000;
  const g = normal(keyOf(4), FIELDS * pixels);
  const results = await Promise.all(
    [1, 2, 5].map(async (threads) => {
      const sums = new Float64Array(3 * FIELDS);
      const arrays = {
        gaussian: g,
        data: g,
        gradient: new Float32Array(g.length),
        sums,
        inverseNoiseVariance,
      };
      lognormalResidual(await loadKernels({ threads }), arrays, { shift, variance });
      return sums;
    }),
  );
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});
