import { describe, expect, test } from 'vitest';
import {
  addModeVariancesGradient,
  averageModes,
  distinctModes,
  irfft2,
  type Kernels,
  keyOf,
  layOutModes,
  loadEveryKernels,
  mixModes,
  mixModesGradient,
  modeVariances,
  normal,
  normalFloat64,
  quadrantLength,
  rfft2,
} from '../src/index.ts';

interface Setting {
  readonly size: number;
  readonly fields: number;
  readonly lanes: number;
}

/** irfft2(S rfft2(z)) by direct circular convolution in float64 with the kernel of each pair, for small grids. */
function slowMixing(modes: Float64Array, z: Float32Array, { size, fields, lanes }: Setting): Float64Array {
  const at = (k: number, l: number) => {
    const [a, b] = [Math.min(k, size - k), Math.min(l, size - l)];
    return (Math.max(a, b) * (Math.max(a, b) + 1)) / 2 + Math.min(a, b);
  };
  const out = new Float64Array(fields * size * size);
  for (let i = 0, pair = 0; i < fields; i++)
    for (let j = i; j < fields; j++, pair++) {
      const response = new Float64Array(size * size);
      for (let x = 0; x < size; x++)
        for (let y = 0; y < size; y++)
          for (let k = 0; k < size; k++)
            for (let l = 0; l < size; l++)
              response[x * size + y]! +=
                (modes[at(k, l) * lanes + pair]! * Math.cos((2 * Math.PI * (k * x + l * y)) / size)) /
                size ** 2;
      const convolve = (from: number, to: number) => {
        for (let x = 0; x < size; x++)
          for (let y = 0; y < size; y++)
            for (let u = 0; u < size; u++)
              for (let v = 0; v < size; v++)
                out[(to * size + x) * size + y]! +=
                  response[((x - u + size) % size) * size + ((y - v + size) % size)]! *
                  z[(from * size + u) * size + v]!;
      };
      convolve(j, i);
      if (j !== i) convolve(i, j);
    }
  return out;
}

function mix(kernels: Kernels, modes: Float64Array, z: Float32Array, setting: Setting): Float32Array {
  const { size, fields } = setting;
  const quadrant = kernels.float32(quadrantLength(setting));
  layOutModes(kernels, modes, quadrant, setting);
  const shape = { batch: fields, rows: size, columns: size };
  const half = 2 * fields * size * (Math.floor(size / 2) + 1);
  const [waves, mixed] = [kernels.float32(half), kernels.float32(half)];
  rfft2(kernels, z, waves, shape);
  mixModes(kernels, quadrant, waves, mixed, setting);
  const out = new Float32Array(z.length);
  irfft2(kernels, mixed, out, shape);
  return out;
}

/** Random S with zeros in the unused lanes. */
function randomModes({ size, fields, lanes }: Setting, seed: number): Float64Array {
  const modes = normalFloat64(keyOf(seed), distinctModes(size).count * lanes);
  const pairs = (fields * (fields + 1)) / 2;
  return modes.map((value, i) => (i % lanes < pairs ? value : 0));
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

describe.each(await loadEveryKernels({ threads: 2 }))('mode mixing on $backend', (kernels) => {
  test.each<Setting>([
    { size: 6, fields: 5, lanes: 16 },
    { size: 9, fields: 2, lanes: 8 },
    { size: 10, fields: 1, lanes: 8 },
    { size: 5, fields: 6, lanes: 24 },
  ])('size $size, $fields fields: equal to a convolution in float64', (setting) => {
    const modes = randomModes(setting, 1);
    const z = normal(keyOf(2), setting.fields * setting.size ** 2);
    const expected = slowMixing(modes, z, setting);
    const got = mix(kernels, modes, z, setting);
    const scale = Math.max(...expected.map(Math.abs));
    // Single precision through two transforms and a sum over fields.
    for (let i = 0; i < got.length; i++) expect(Math.abs(got[i]! - expected[i]!)).toBeLessThan(2e-6 * scale);
  });

  test.each<Setting>([
    { size: 12, fields: 5, lanes: 16 },
    { size: 15, fields: 3, lanes: 8 },
    { size: 64, fields: 5, lanes: 16 },
  ])('size $size, $fields fields: dot products move across, in the input and in S', (setting) => {
    const { size, fields, lanes } = setting;
    const modes = randomModes(setting, 3);
    const change = randomModes(setting, 4);
    const [z, d, dz] = [5, 6, 7].map((seed) => normal(keyOf(seed), fields * size * size)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const shape = { batch: fields, rows: size, columns: size };
    const half = 2 * fields * size * (Math.floor(size / 2) + 1);
    const [input, cotangent, inputGradient] = [0, 0, 0].map(() => kernels.float32(half)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const quadrant = kernels.float32(quadrantLength(setting));
    const products = kernels.float32(quadrantLength(setting));
    layOutModes(kernels, modes, quadrant, setting);
    rfft2(kernels, z, input, shape);
    rfft2(kernels, d, cotangent, shape);
    mixModesGradient(kernels, { quadrant, input, cotangent, inputGradient, products }, setting);
    const zGradient = new Float32Array(z.length);
    irfft2(kernels, inputGradient, zGradient, shape);
    const scale = Math.sqrt(dot(d, d) * dot(z, z));
    expect(Math.abs(dot(d, mix(kernels, modes, dz, setting)) - dot(zGradient, dz))).toBeLessThan(
      1e-5 * scale,
    );
    const gradient = new Float64Array(modes.length);
    averageModes(kernels, products, gradient, setting);
    const { counts } = distinctModes(size);
    const viaGradient = gradient.reduce(
      (sum, g, i) => sum + counts[Math.floor(i / lanes)]! * g * change[i]!,
      0,
    );
    expect(Math.abs(dot(d, mix(kernels, change, z, setting)) - viaGradient)).toBeLessThan(1e-5 * scale);
  });

  test('ensemble variances are those of many draws, and their gradient is that of differences', () => {
    const setting = { size: 12, fields: 3, lanes: 8 };
    const modes = randomModes(setting, 8);
    const variances = new Float64Array(3);
    modeVariances(kernels, modes, variances, setting);
    const sums = new Float64Array(3);
    const numDraws = 400;
    for (let draw = 0; draw < numDraws; draw++)
      mix(kernels, modes, normal(keyOf(1000 + draw), 3 * 144), setting).forEach((g, i) => {
        sums[Math.floor(i / 144)]! += g * g;
      });
    // 400 x 144 draws, 144 modes each: a standard error of sqrt(2 / 57600) = 0.6 %, five of them.
    for (let i = 0; i < 3; i++)
      expect(Math.abs(sums[i]! / (numDraws * 144) / variances[i]! - 1)).toBeLessThan(0.03);

    const weights = Float64Array.of(0.3, -1, 2);
    const gradient = new Float64Array(modes.length);
    addModeVariancesGradient(kernels, modes, weights, gradient, setting);
    const change = randomModes(setting, 9);
    const value = (step: number) => {
      modeVariances(
        kernels,
        modes.map((m, i) => m + step * change[i]!),
        variances,
        setting,
      );
      return dot(weights, variances);
    };
    const { counts } = distinctModes(12);
    const slope = (value(1) - value(-1)) / 2; // exact: variances are quadratic
    const got = gradient.reduce((sum, g, i) => sum + counts[Math.floor(i / 8)]! * g * change[i]!, 0);
    expect(Math.abs(got / slope - 1)).toBeLessThan(1e-11);
  });

  test('wrong arguments are refused', () => {
    const empty = new Float32Array(0);
    expect(() => mixModes(kernels, empty, empty, empty, { size: 8, fields: 17 })).toThrow(
      /fields must be an integer from 1 to 16; got 17/,
    );
    expect(() => mixModes(kernels, empty, empty, empty, { size: 8, fields: 2 })).toThrow(
      /quadrant must have 75 elements; got 0/,
    );
  });
});
