import { describe, expect, it } from 'vitest';
import {
  keyOf,
  loadEveryKernels,
  loadKernels,
  type NormaliseShape,
  normal,
  normalise,
  normaliseGradient,
  uniform,
} from '../src/index.ts';
import { largestError } from './_largest-error.ts';

const engines = await loadEveryKernels();

/** Batch, group, layer and instance norms: several slabs and chunks, rests of vectors, more channels than a block. */
const shapes: NormaliseShape[] = [
  { outer: 1, length: 4000, groups: 19, width: 1, epsilon: 1e-5 },
  { outer: 1, length: 70, groups: 300, width: 1, epsilon: 1e-3 },
  { outer: 3, length: 150, groups: 4, width: 5, epsilon: 1e-5 },
  { outer: 2, length: 3, groups: 2, width: 140, epsilon: 1e-5 },
  { outer: 37, length: 1, groups: 1, width: 23, epsilon: 1e-5 },
  { outer: 5, length: 1, groups: 3, width: 1500, epsilon: 1e-5 },
  { outer: 1, length: 1, groups: 7, width: 1, epsilon: 1e-2 },
];

interface Case {
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly scale: Float32Array;
  readonly offset: Float32Array;
}

function inputs(shape: NormaliseShape, level: number): Case {
  const channels = shape.groups * shape.width;
  const size = shape.outer * shape.length * channels;
  return {
    x: normal(keyOf(1), size).map((value, i) => value * (1 + (i % channels) / channels) + level),
    dy: normal(keyOf(2), size),
    scale: uniform(keyOf(3), channels, { min: -1, max: 2 }),
    offset: uniform(keyOf(4), channels, { min: -1, max: 1 }),
  };
}

/** In float64, entry by entry, from the definitions. */
function twin(c: Case, { outer, length, groups, width, epsilon }: NormaliseShape) {
  const channels = groups * width;
  const of = (values: Float32Array) => Float64Array.from(values);
  const [x, dy] = [of(c.x), of(c.dy)];
  const result = {
    y: new Float64Array(x.length),
    dx: new Float64Array(x.length),
    dscale: new Float64Array(channels),
    doffset: new Float64Array(channels),
    moments: new Float64Array(2 * outer * groups),
  };
  for (let o = 0; o < outer; o++)
    for (let g = 0; g < groups; g++) {
      const members: number[] = [];
      for (let l = 0; l < length; l++)
        for (let w = 0; w < width; w++) members.push(((o * length + l) * groups + g) * width + w);
      const mean = (f: (i: number) => number) => members.reduce((sum, i) => sum + f(i), 0) / members.length;
      const centre = mean((i) => x[i]!);
      const variance = mean((i) => (x[i]! - centre) ** 2);
      const deviation = Math.sqrt(variance + epsilon);
      const h = (i: number) => (x[i]! - centre) / deviation;
      const slope = (i: number) => dy[i]! * c.scale[i % channels]!;
      const [level, tilt] = [mean(slope), mean((i) => slope(i) * h(i))];
      result.moments[o * groups + g] = centre;
      result.moments[(outer + o) * groups + g] = variance;
      for (const i of members) {
        result.y[i] = h(i) * c.scale[i % channels]! + c.offset[i % channels]!;
        result.dx[i] = (slope(i) - level - h(i) * tilt) / deviation;
        result.dscale[i % channels]! += dy[i]! * h(i);
        result.doffset[i % channels]! += dy[i]!;
      }
    }
  return result;
}

function run(kernels: (typeof engines)[number], c: Case, shape: NormaliseShape) {
  const channels = shape.groups * shape.width;
  const y = new Float32Array(c.x.length).fill(Number.NaN);
  const moments = new Float32Array(2 * shape.outer * shape.groups).fill(Number.NaN);
  normalise(kernels, { x: c.x, scale: c.scale, offset: c.offset, output: y, moments }, shape);
  const dx = new Float32Array(c.x.length).fill(Number.NaN);
  const dscale = new Float32Array(channels).fill(Number.NaN);
  const doffset = new Float32Array(channels).fill(Number.NaN);
  normaliseGradient(
    kernels,
    {
      outputGradient: c.dy,
      x: c.x,
      scale: c.scale,
      moments,
      inputGradient: dx,
      scaleGradient: dscale,
      offsetGradient: doffset,
    },
    shape,
  );
  return { y, dx, dscale, doffset, moments };
}

describe.each(engines)('normalisation on $backend', (kernels) => {
  it.each(shapes)('of [$outer, $length, $groups, $width]', (shape) => {
    const c = inputs(shape, 0.7);
    const got = run(kernels, c, shape);
    const expected = twin(c, shape);
    // A few roundings of numbers below 10; sets of one number are divided by sqrt(epsilon) = 0.1.
    expect(largestError(got.y, expected.y)).toBeLessThan(3e-6);
    expect(largestError(got.moments, expected.moments)).toBeLessThan(2e-6);
    expect(largestError(got.dx, expected.dx)).toBeLessThan(5e-6);
    // Sums of up to 4000 terms of order one.
    expect(largestError(got.dscale, expected.dscale)).toBeLessThan(5e-5);
    expect(largestError(got.doffset, expected.doffset)).toBeLessThan(5e-5);
  });

  it.each(shapes.slice(0, 6))('far from zero, of [$outer, $length, $groups, $width]', (shape) => {
    const c = inputs(shape, 1000);
    const got = run(kernels, c, shape);
    const expected = twin(c, shape);
    // The mean, near 1000, is known to 3e-5; the variance does not suffer.
    expect(largestError(got.y, expected.y)).toBeLessThan(2e-4);
    const sets = shape.outer * shape.groups;
    expect(largestError(got.moments.subarray(sets), expected.moments.subarray(sets))).toBeLessThan(2e-5);
  });

  it('a NaN or an infinity spoils its set and no other', () => {
    for (const length of [1, 40]) {
      const shape = { outer: 3, length, groups: 2, width: 9, epsilon: 1e-5 };
      const c = inputs(shape, 0);
      c.x[4] = Number.POSITIVE_INFINITY;
      c.x[c.x.length - 1] = Number.NaN;
      const { y } = run(kernels, c, shape);
      y.forEach((value, i) => {
        const outer = Math.floor(i / (length * 18));
        const group = Math.floor((i % 18) / 9);
        const isSpoilt = (outer === 0 && group === 0) || (outer === 2 && group === 1);
        expect(Number.isNaN(value)).toBe(isSpoilt);
      });
    }
  });
});

it('gives the same bytes for one thread and three', async () => {
  const shape = { outer: 2, length: 3000, groups: 4, width: 8, epsilon: 1e-5 };
  const c = inputs(shape, 0);
  const one = run(await loadKernels({ threads: 1 }), c, shape);
  const three = run(await loadKernels({ threads: 3 }), c, shape);
  expect(three).toEqual(one);
});
