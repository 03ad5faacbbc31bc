import { describe, expect, test } from 'vitest';
import {
  interpolateSpectra,
  interpolateSpectraGradient,
  keyOf,
  loadEveryKernels,
  log1pLanes,
  log1pLanesGradient,
  modeMagnitudes,
  modeMagnitudesGradient,
  normalFloat64,
  uniformFloat64,
} from '../src/index.ts';

const LANES = 8;

describe.each(await loadEveryKernels({ threads: 2 }))('spectra on modes, on $backend', (kernels) => {
  test('interpolation is scale exp(weights x nodes), nothing at the first mode, and its gradient fits', () => {
    const [numNodes, modes] = [9, 1100];
    const first = Int32Array.from({ length: modes }, (_, i) => i % (numNodes - 5));
    const weights = normalFloat64(keyOf(1), 6 * modes);
    const counts = Float64Array.from({ length: modes }, (_, i) => 1 + (i % 8));
    const interpolation = { numNodes, first, weights, counts };
    const nodes = normalFloat64(keyOf(2), numNodes * LANES);
    const power = new Float64Array(modes * LANES);
    interpolateSpectra(kernels, nodes, power, interpolation, 3);
    const cotangent = normalFloat64(keyOf(3), modes * LANES);
    const expectedGradient = new Float64Array(numNodes * LANES);
    for (let mode = 0; mode < modes; mode++)
      for (let lane = 0; lane < LANES; lane++) {
        let sum = 0;
        for (let k = 0; k < 6; k++) sum += weights[6 * mode + k]! * nodes[(first[mode]! + k) * LANES + lane]!;
        const value = mode === 0 ? 0 : 3 * Math.exp(sum);
        expect(Math.abs(power[mode * LANES + lane]! - value)).toBeLessThan(1e-13 * value + 1e-300);
        for (let k = 0; k < 6; k++)
          expectedGradient[(first[mode]! + k) * LANES + lane]! +=
            counts[mode]! * weights[6 * mode + k]! * value * cotangent[mode * LANES + lane]!;
      }
    const gradient = new Float64Array(numNodes * LANES);
    interpolateSpectraGradient(kernels, power, cotangent, gradient, interpolation);
    const scale = Math.max(...expectedGradient.map(Math.abs));
    gradient.forEach((g, i) => {
      expect(Math.abs(g - expectedGradient[i]!)).toBeLessThan(1e-12 * scale);
    });
  });

  test('log(1 + x) is good to a few ulp from 1e-18 to 1e3, and NaN from -1 down', () => {
    const tiny = uniformFloat64(keyOf(4), 4000).map((u) => 10 ** (-18 + 21 * u));
    const x = Float64Array.from([...tiny, ...tiny.map((v) => -Math.min(v, 0.999999))]);
    const out = new Float64Array(x.length);
    log1pLanes(kernels, x, new Float64Array(LANES).fill(1), out);
    out.forEach((value, i) => {
      expect(Math.abs(value / Math.log1p(x[i]!) - 1)).toBeLessThan(1e-15);
    });
    const wrong = Float64Array.of(-1, -2, Number.NaN, 0, 1, 1, 1, 1);
    log1pLanes(kernels, wrong, new Float64Array(LANES).fill(1), wrong);
    expect(Array.from(wrong.subarray(0, 4))).toEqual([Number.NaN, Number.NaN, Number.NaN, 0]);
  });

  test('gradients of log(1 + scale x) in x and scale are those of differences', () => {
    const points = 60;
    const x = normalFloat64(keyOf(5), points * LANES).map((v) => 0.2 * v);
    const scale = uniformFloat64(keyOf(6), LANES).map((u) => 0.5 + u);
    const counts = Float64Array.from({ length: points }, (_, i) => 1 + (i % 4));
    const cotangent = normalFloat64(keyOf(7), points * LANES);
    const [dx, dScale] = [normalFloat64(keyOf(8), x.length), normalFloat64(keyOf(9), LANES)];
    const out = new Float64Array(x.length);
    const value = (step: number) => {
      log1pLanes(
        kernels,
        x.map((v, i) => v + step * dx[i]!),
        scale.map((s, i) => s + step * dScale[i]!),
        out,
      );
      return out.reduce((sum, v, i) => sum + counts[Math.floor(i / LANES)]! * cotangent[i]! * v, 0);
    };
    const slope = (value(1e-5) - value(-1e-5)) / 2e-5;
    const [gradient, scaleGradient] = [new Float64Array(x.length), new Float64Array(LANES)];
    log1pLanesGradient(kernels, { x, scale, cotangent, counts, gradient, scaleGradient });
    const got =
      gradient.reduce((sum, g, i) => sum + counts[Math.floor(i / LANES)]! * g * dx[i]!, 0) +
      scaleGradient.reduce((sum, g, i) => sum + g * dScale[i]!, 0);
    expect(Math.abs(got - slope)).toBeLessThan(1e-7 * Math.abs(slope));
  });

  test('magnitudes drop signs and the first mode, gradients follow', () => {
    const x = Float64Array.from({ length: 3 * LANES }, (_, i) => (i % 2 ? 1 : -1) * (i + 1));
    const out = new Float64Array(x.length);
    const totals = new Float64Array(LANES);
    modeMagnitudes(kernels, x, Float64Array.of(1, 2, 4), { magnitudes: out, totals });
    expect(Array.from(out)).toEqual(Array.from(x, (v, i) => (i < LANES ? 0 : Math.abs(v))));
    expect(Array.from(totals)).toEqual(Array.from(totals, (_, lane) => 2 * (lane + 9) + 4 * (lane + 17)));
    const cotangent = { magnitudes: new Float64Array(x.length).fill(2), totals: totals.fill(3) };
    modeMagnitudesGradient(kernels, x, cotangent, out);
    expect(Array.from(out)).toEqual(Array.from(x, (v, i) => (i < LANES ? 0 : 5 * Math.sign(v))));
  });

  test('magnitudes of two blocks of lanes come mode by mode, gradients go back', () => {
    const [modes, lanes] = [1030, 16];
    const x = normalFloat64(keyOf(10), modes * lanes);
    const [out, back] = [new Float64Array(x.length), new Float64Array(x.length)];
    const counts = uniformFloat64(keyOf(14), modes).map((v) => Math.ceil(8 * v));
    const totals = new Float64Array(lanes);
    modeMagnitudes(kernels, x, counts, { magnitudes: out, totals });
    const expected = new Float64Array(lanes);
    out.forEach((value, i) => {
      expected[i % lanes]! += counts[Math.floor(i / lanes)]! * value;
    });
    // 1030 terms of at most 8 x 4.
    totals.forEach((total, lane) => {
      expect(Math.abs(total - expected[lane]!)).toBeLessThan(1e-11);
    });
    modeMagnitudesGradient(kernels, x, { magnitudes: out, totals: totals.fill(0) }, back);
    for (let mode = 1; mode < modes; mode++)
      for (let lane = 0; lane < lanes; lane++) {
        const at = (Math.floor(lane / 8) * modes + mode) * 8 + (lane % 8);
        expect(out[mode * lanes + lane]).toBe(Math.abs(x[at]!));
        expect(back[at]).toBe(x[at]);
      }
  });

  test('blocks of lanes are interpolated and made Gaussian each as if alone', () => {
    const [modes, numNodes] = [1030, 7];
    const first = new Int32Array(modes).fill(1);
    const weights = normalFloat64(keyOf(11), 6 * modes);
    const counts = new Float64Array(modes).fill(2);
    const interpolation = { numNodes, first, weights, counts };
    const nodes = normalFloat64(keyOf(12), numNodes * 16).map((v) => 0.3 * v);
    const scale = uniformFloat64(keyOf(13), 16);
    const run = (n: Float64Array, s: Float64Array) => {
      const length = modes * s.length;
      const [power, out, gradient] = [length, length, length].map((l) => new Float64Array(l)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const [nodeGradient, scaleGradient] = [new Float64Array(n.length), new Float64Array(s.length)];
      interpolateSpectra(kernels, n, power, interpolation, 1);
      log1pLanes(kernels, power, s, out);
      log1pLanesGradient(kernels, { x: power, scale: s, cotangent: out, counts, gradient, scaleGradient });
      interpolateSpectraGradient(kernels, power, gradient, nodeGradient, interpolation);
      return { out, nodeGradient, scaleGradient };
    };
    const both = run(nodes, scale);
    for (const block of [0, 1]) {
      const own = (values: Float64Array) => values.filter((_, i) => Math.floor((i % 16) / 8) === block);
      const alone = run(own(nodes), own(scale));
      expect(both.out.subarray(block * modes * 8, (block + 1) * modes * 8)).toEqual(alone.out);
      expect(own(both.nodeGradient)).toEqual(alone.nodeGradient);
      expect(own(both.scaleGradient)).toEqual(alone.scaleGradient);
    }
  });

  test('magnitudes of the wrong shape are refused', () => {
    const [x, totals] = [new Float64Array(24), new Float64Array(8)];
    const call = (modes: number) =>
      modeMagnitudes(kernels, x, new Float64Array(modes), { magnitudes: x.slice(), totals });
    expect(() => call(4)).toThrow(/x must have 32 elements; got 24/);
    expect(() => modeMagnitudesGradient(kernels, x, { magnitudes: x.subarray(1), totals }, x)).toThrow(
      /magnitudes must have 24 elements; got 23/,
    );
  });
});
