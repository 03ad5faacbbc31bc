import { describe, expect, test } from 'vitest';
import {
  cosineTables,
  distinctModes,
  evenTransform,
  keyOf,
  loadEveryKernels,
  normalFloat64,
} from '../src/index.ts';

/** The transform of one mode (k, l) and its mirror images, at every distinct mode. */
function transformOfMode(size: number, k: number, l: number): Float64Array {
  const { hi, lo } = distinctModes(size);
  const weight = (i: number) => (i === 0 || 2 * i === size ? 1 : 2);
  const cosine = (j: number, i: number) => Math.cos((2 * Math.PI * ((j * i) % size)) / size);
  const pair = (j: number, m: number) => weight(k) * weight(l) * cosine(j, k) * cosine(m, l);
  return Float64Array.from(hi, (j, mode) => pair(j, lo[mode]!) + (k === l ? 0 : pair(lo[mode]!, j)));
}

/** The direct double sum over the full grid. */
function directTransform(x: Float64Array, size: number, lanes: number): Float64Array {
  const { points, count, hi, lo } = distinctModes(size);
  const at = (k: number, l: number) => {
    const a = Math.min(k, size - k);
    const b = Math.min(l, size - l);
    const [big, small] = a > b ? [a, b] : [b, a];
    return (big * (big + 1)) / 2 + small;
  };
  const place = (mode: number, lane: number) => (Math.floor(lane / 8) * count + mode) * 8 + (lane % 8);
  const out = new Float64Array(count * lanes);
  expect(points).toBe(Math.floor(size / 2) + 1);
  for (let mode = 0; mode < count; mode++)
    for (let k = 0; k < size; k++)
      for (let l = 0; l < size; l++) {
        const cosine = Math.cos((2 * Math.PI * (hi[mode]! * k + lo[mode]! * l)) / size);
        for (let lane = 0; lane < lanes; lane++)
          out[place(mode, lane)]! += cosine * x[place(at(k, l), lane)]!;
      }
  return out;
}

test('distinct modes count every mode of the grid once', () => {
  for (const size of [2, 3, 12, 15, 64, 256]) {
    const { counts } = distinctModes(size);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(size * size);
  }
  expect(distinctModes(256).count).toBe(8385);
  expect(() => distinctModes(1.5)).toThrow(/size must be an integer/);
});

describe.each(await loadEveryKernels({ threads: 2 }))('even transform on $backend', (kernels) => {
  test.each([
    [2, 8],
    [3, 8],
    [12, 16],
    [15, 8],
    [16, 24],
    [30, 8],
    [48, 8],
  ])('size %i, %i lanes: equal to the direct sum', (size, lanes) => {
    const { count } = distinctModes(size);
    const x = normalFloat64(keyOf(size), count * lanes);
    const out = new Float64Array(count * lanes);
    evenTransform(kernels, x, out, { size, lanes, tables: cosineTables(size) });
    const expected = directTransform(x, size, lanes);
    const scale = Math.max(...expected.map(Math.abs));
    // Sums of up to 48^2 terms in float64, each cosine right to 1 ulp.
    for (let i = 0; i < out.length; i++) expect(Math.abs(out[i]! - expected[i]!)).toBeLessThan(1e-14 * scale);
  });

  // Every length of a fold's odd rows: in registers (8, 16), by quarters (32, 64), by halves (128; 48, then cosines).
  test.each([64, 128, 192, 256, 512])('size %i: single modes become products of cosines', (size) => {
    const { count, hi, lo } = distinctModes(size);
    const picked = Array.from({ length: 8 }, (_, lane) => Math.floor(((lane + 0.9) * count) / 8.8));
    const x = new Float64Array(count * 8);
    picked.forEach((mode, lane) => {
      x[mode * 8 + lane] = 1;
    });
    const out = new Float64Array(count * 8);
    evenTransform(kernels, x, out, { size, lanes: 8, tables: cosineTables(size) });
    picked.forEach((picks, lane) => {
      const expected = transformOfMode(size, hi[picks]!, lo[picks]!);
      const error = expected.reduce(
        (worst, e, mode) => Math.max(worst, Math.abs(e - out[mode * 8 + lane]!)),
        0,
      );
      expect(error).toBeLessThan(8e-14); // of at most 8; each split's secant of up to 82 multiplies its rounding
    });
  });

  test('twice gives size^2 times the input, and the dot product moves across', () => {
    const [size, lanes] = [96, 16];
    const { count, counts } = distinctModes(size);
    const options = { size, lanes, tables: cosineTables(size) };
    const x = normalFloat64(keyOf(1), count * lanes);
    const y = normalFloat64(keyOf(2), count * lanes);
    const [ex, ey, twice] = [0, 0, 0].map(() => kernels.float64(count * lanes)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    evenTransform(kernels, x, ex, options);
    evenTransform(kernels, y, ey, options);
    evenTransform(kernels, ex, twice, options);
    for (let i = 0; i < x.length; i++) expect(Math.abs(twice[i]! / size ** 2 - x[i]!)).toBeLessThan(1e-12);
    // Gradients per point of the full grid: <y, E x> = <E y, x> with weights counts.
    const dot = (a: Float64Array, b: Float64Array) =>
      a.reduce((sum, value, i) => sum + counts[Math.floor(i / 8) % count]! * value * b[i]!, 0);
    expect(Math.abs(dot(y, ex) / dot(ey, x) - 1)).toBeLessThan(1e-10);
  });

  test('wrong arguments are refused', () => {
    const tables = cosineTables(4);
    const six = new Float64Array(6 * 8);
    expect(() => evenTransform(kernels, six, six.slice(1), { size: 4, lanes: 8, tables })).toThrow(
      /output must have 48 elements; got 47/,
    );
    expect(() => evenTransform(kernels, six, six, { size: 4, lanes: 5, tables })).toThrow(/multiple of 8/);
    expect(() =>
      evenTransform(kernels, six, six.slice(), { size: 4, lanes: 8, tables: cosineTables(6) }),
    ).toThrow(/tables must have/);
  });
});
