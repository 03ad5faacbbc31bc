import { describe, expect, it } from 'vitest';
import {
  binary,
  broadcastAxes,
  compare,
  keyOf,
  loadEveryKernels,
  type UnaryOperation,
  unary,
  uniform,
} from '../src/index.ts';

const engines = await loadEveryKernels();

/** 37 elements: whole vectors of every width, and a rest. */
const x = uniform(keyOf(1), 37, { min: -3, max: 3 });
const y = uniform(keyOf(2), 37, { min: 0.5, max: 3 });

const functions: readonly [UnaryOperation, (x: number) => number, readonly [p?: number, q?: number]][] = [
  ['negate', (v) => -v, []],
  ['abs', Math.abs, []],
  ['square', (v) => v * v, []],
  ['reciprocal', (v) => 1 / v, []],
  ['exp', Math.exp, []],
  ['expm1', Math.expm1, []],
  ['tanh', Math.tanh, []],
  ['sigmoid', (v) => 1 / (1 + Math.exp(-v)), []],
  ['silu', (v) => v / (1 + Math.exp(-v)), []],
  ['softplus', (v) => Math.log1p(Math.exp(v)), []],
  ['relu', (v) => Math.max(v, 0), []],
  ['leakyRelu', (v) => (v < 0 ? 0.2 * v : v), [0.2]],
  ['elu', (v) => (v < 0 ? Math.expm1(v) : v), []],
  ['floor', Math.floor, []],
  ['ceil', Math.ceil, []],
  ['sign', Math.sign, []],
  ['step', (v) => (v > 0 ? 1 : -0.5), [-0.5]],
  ['clip', (v) => Math.min(Math.max(v, -1), 0.5), [-1, 0.5]],
  ['affine', (v) => 2 * v - 3, [2, -3]],
];

describe.each(engines)('element-wise functions on $backend', (kernels) => {
  it.each(functions)('%s', (operation, twin, constants) => {
    const output = new Float32Array(37);
    unary(kernels, operation, x, output, constants);
    // 3 ulp of numbers up to 20.
    x.forEach((v, i) => {
      expect(Math.abs(output[i]! - twin(v))).toBeLessThan(4e-7 * (1 + Math.abs(twin(v))));
    });
  });

  it('sqrt, rsqrt, log, log1p of positive numbers', () => {
    const output = new Float32Array(37);
    for (const [operation, twin] of [
      ['sqrt', Math.sqrt],
      ['rsqrt', (v: number) => 1 / Math.sqrt(v)],
      ['log', Math.log],
      ['log1p', Math.log1p],
    ] as const) {
      unary(kernels, operation, y, output);
      y.forEach((v, i) => {
        expect(Math.abs(output[i]! - twin(v))).toBeLessThan(3e-7 * (1 + Math.abs(twin(v))));
      });
    }
  });

  it('round goes to even at halves and leaves large numbers alone', () => {
    const input = Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6, 8388609, -1e30, 0);
    const output = new Float32Array(10);
    unary(kernels, 'round', input, output);
    expect([...output]).toEqual([0, 2, 2, -0, -2, 2, -3, 8388609, Math.fround(-1e30), 0]);
  });

  it('binary operations broadcast as NumPy does', () => {
    const cases: readonly [number[], number[]][] = [
      [[37], [37]],
      [[3, 5], [5]],
      [
        [3, 1],
        [3, 5],
      ],
      [
        [3, 1],
        [1, 5],
      ],
      [[], [7]],
      [
        [2, 3, 4],
        [3, 1],
      ],
      [
        [2, 1, 4],
        [2, 3, 1],
      ],
      [
        [2, 1, 3, 1, 2],
        [1, 4, 1, 3, 1],
      ],
    ];
    for (const [a, b] of cases) {
      const rank = Math.max(a.length, b.length);
      const padded = [a, b].map((shape) => [...new Array<number>(rank - shape.length).fill(1), ...shape]);
      const shape = padded[0]!.map((size, d) => Math.max(size, padded[1]![d]!));
      const length = shape.reduce((p, s) => p * s, 1);
      const output = new Float32Array(length);
      binary(kernels, 'subtract', x, y, output, broadcastAxes(a, b));
      for (let i = 0; i < length; i++) {
        const place = (sizes: number[]) => {
          let rest = i;
          let stride = 1;
          let at = 0;
          for (let d = rank - 1; d >= 0; d--) {
            const index = rest % shape[d]!;
            rest = Math.floor(rest / shape[d]!);
            if (sizes[d] !== 1) at += index * stride;
            stride *= sizes[d]!;
          }
          return at;
        };
        expect(output[i]).toBe(Math.fround(x[place(padded[0]!)]! - y[place(padded[1]!)]!));
      }
    }
  });

  it('large arrays, which are shared between threads, give the same', () => {
    const rows = 70_000;
    const a = uniform(keyOf(3), rows * 4);
    const output = new Float32Array(rows * 4);
    binary(kernels, 'multiply', a, Float32Array.of(1, 2, 3, 4), output, broadcastAxes([rows, 4], [4]));
    const wrong = output.findIndex((v, i) => v !== Math.fround(a[i]! * ((i % 4) + 1)));
    expect(wrong).toBe(-1);
    binary(kernels, 'add', a, a, output, broadcastAxes([rows * 4], [rows * 4]));
    expect(output.findIndex((v, i) => v !== 2 * a[i]!)).toBe(-1);
  });

  it('gradients of activations', () => {
    const dy = y;
    const output = new Float32Array(37);
    const axes = broadcastAxes([37], [37]);
    binary(kernels, 'reluGradient', dy, x, output, axes);
    expect([...output]).toEqual([...x].map((v, i) => (v > 0 ? dy[i]! : 0)));
    binary(kernels, 'tanhGradient', dy, x, output, axes);
    x.forEach((v, i) => {
      expect(output[i]).toBeCloseTo(dy[i]! * (1 - v * v), 4);
    });
    binary(kernels, 'eluGradient', dy, x, output, axes);
    x.forEach((v, i) => {
      expect(output[i]).toBeCloseTo(v > 0 ? dy[i]! : dy[i]! * (v + 1), 4);
    });
  });

  it('comparisons', () => {
    const a = Float32Array.of(1, 2, 3, Number.NaN);
    const b = Float32Array.of(2, 2, 2, 2);
    const output = new Uint8Array(4);
    const expected = {
      equal: [0, 1, 0, 0],
      notEqual: [1, 0, 1, 1],
      greater: [0, 0, 1, 0],
      greaterEqual: [0, 1, 1, 0],
      less: [1, 0, 0, 0],
      lessEqual: [1, 1, 0, 0],
    };
    for (const [comparison, result] of Object.entries(expected)) {
      compare(kernels, comparison as keyof typeof expected, a, b, output);
      expect([...output]).toEqual(result);
    }
  });

  it('refuse shapes that do not broadcast', () => {
    expect(() => broadcastAxes([3, 2], [3])).toThrow(
      'shapes must agree where neither is 1; got [3,2] and [3].',
    );
  });
});
