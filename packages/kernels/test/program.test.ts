import { describe, expect, test } from 'vitest';
import {
  adamStep,
  clipByNorm,
  createProgram,
  type FusedChain,
  type KernelArray,
  type Kernels,
  kernelSignature,
  loadEveryKernels,
  type RecordedCall,
} from '../src/index.ts';

const numbers = (kernels: Kernels, length: number, seed: number): Float32Array => {
  const array = kernels.float32(length);
  for (let i = 0; i < length; i++) array[i] = Math.sin(12.9898 * (i + 1) * seed);
  return array;
};

/** Records what `f` calls, with the addresses of its arrays. */
function recorded(kernels: Kernels, f: () => void): RecordedCall[] {
  const calls: RecordedCall[] = [];
  const addressOf = (arg: KernelArray | number | null) =>
    arg === null ? 0 : typeof arg === 'number' ? arg : kernels.addressOf(arg);
  kernels.observe((signature, args) => calls.push({ signature, args: args.map(addressOf) }));
  f();
  kernels.observe(undefined);
  return calls;
}

/** Where two arrays first differ in a bit, or -1. */
const firstDifference = (a: Float32Array, b: Float32Array): number =>
  a.findIndex((value, i) => !Object.is(value, b[i]));

describe.each(await loadEveryKernels({ threads: 2 }))('programs on $backend', (kernels) => {
  test('do what their calls did, on the numbers that are there when they run', () => {
    const n = 1000;
    const x = numbers(kernels, n, 1);
    const [y, z] = [kernels.float32(n), kernels.float32(n)];
    const run = () => {
      kernels.call.lf_unary(10, x, y, n, 0, 0);
      kernels.call.lf_gemm(y, y, z, 10, 10, 100, 0, 1, 0.5, 0, 1, n, n, 100);
    };
    const program = createProgram(kernels, recorded(kernels, run));
    expect(program.numCalls).toBe(2);
    x.set(numbers(kernels, n, 2));
    run();
    const expected = z.slice();
    z.fill(0);
    program.run();
    expect(z).toEqual(expected);
    program.dispose();
  });

  test('nothing is recorded once the listener is gone', () => {
    const x = numbers(kernels, 4, 1);
    const calls = recorded(kernels, () => kernels.call.lf_fill(x, 2, 4));
    kernels.call.lf_fill(x, 3, 4);
    expect(calls.map(({ signature }) => signature.name)).toEqual(['lf_fill']);
  });

  test('a failing kernel is named', () => {
    const x = numbers(kernels, 16, 1);
    // No kernel has the number 1.
    const calls = [{ signature: { ...kernelSignature('lf_fill'), number: 1 }, args: [kernels.addressOf(x)] }];
    expect(() => createProgram(kernels, calls).run()).toThrow(
      "kernels.Program: scratch space of lf_fill must fit the engine's memory; it does not.",
    );
  });

  test.each([
    [1, 1, 70000],
    [3, 50, 7],
    [40, 1, 700],
    [2, 3, 1],
  ])('a chain over [%i, %i, %i] is its operations one after the other', (outer, inner, columns) => {
    const n = outer * inner * columns;
    const [x, row, column] = [n, columns, outer].map((length, i) => numbers(kernels, length, i + 1)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const out = kernels.float32(n);
    const at = (array: Float32Array) => kernels.addressOf(array);
    const chain: FusedChain = {
      domain: [outer, inner, columns],
      operands: [
        { address: at(x), strides: [inner * columns, columns, 1] },
        { address: at(row), strides: [0, 0, 1] },
        { address: at(column), strides: [1, 0, 0] },
        { address: at(out), strides: [inner * columns, columns, 1] },
      ],
      steps: [
        { kind: 'loadOnce', operand: 1, out: { register: 0 } },
        { kind: 'load', operand: 2, out: { register: 1 } },
        { kind: 'binary', number: 2, a: { operand: 0 }, b: { register: 0 }, out: { register: 2 } },
        { kind: 'unary', number: 10, a: { register: 2 }, out: { register: 2 }, p: 0, q: 0 },
        { kind: 'binary', number: 0, a: { register: 2 }, b: { register: 1 }, out: { operand: 3 } },
      ],
      numRegisters: 3,
    };
    createProgram(kernels, [chain]).run();
    const [product, tanh, sum] = [kernels.float32(n), kernels.float32(n), kernels.float32(n)];
    const axes = (b: number[]) =>
      Int32Array.of(outer, inner * columns, b[0]!, inner, columns, b[1]!, columns, 1, b[2]!);
    kernels.call.lf_binary(2, x, row, product, axes([0, 0, 1]), 3);
    kernels.call.lf_unary(10, product, tanh, n, 0, 0);
    kernels.call.lf_binary(0, tanh, column, sum, axes([1, 0, 0]), 3);
    expect(firstDifference(out, sum)).toBe(-1);
  });

  test('clip and Adam in one call are clipByNorm and adamStep', () => {
    const n = 100_000;
    const constants = {
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0.1,
      step: 3,
    };
    const make = () => {
      const variance = numbers(kernels, n, 5).map((value) => value * value);
      return {
        gradient: numbers(kernels, n, 2),
        parameters: numbers(kernels, n, 3),
        mean: numbers(kernels, n, 4),
        variance,
      };
    };
    const settings = Float64Array.of(
      5,
      0.01,
      0.9,
      0.999,
      1e-8,
      0.1,
      1 / (1 - 0.9 ** 3),
      1 / (1 - 0.999 ** 3),
    );
    const [a, b] = [make(), make()];
    const norm = clipByNorm(kernels, a.gradient, 5);
    expect(norm).toBeCloseTo(Math.sqrt(numbers(kernels, n, 2).reduce((total, g) => total + g * g, 0)), 6);
    const { gradient, ...arrays } = a;
    adamStep(kernels, gradient, arrays, constants);
    const report = new Float64Array(3);
    const loss = Float32Array.of(1.5);
    kernels.call.lf_clipped_adam(b.gradient, b.parameters, b.mean, b.variance, n, loss, settings, report);
    for (const name of ['gradient', 'parameters', 'mean', 'variance'] as const)
      expect(firstDifference(b[name], a[name]), name).toBe(-1);
    expect([...report]).toEqual([1.5, norm, 1]);
    for (const bad of [Number.NaN, Infinity]) {
      b.gradient[7] = bad;
      kernels.call.lf_clipped_adam(b.gradient, b.parameters, b.mean, b.variance, n, loss, settings, report);
      expect(report[2]).toBe(0);
    }
    kernels.call.lf_clipped_adam(
      a.gradient,
      b.parameters,
      b.mean,
      b.variance,
      n,
      Float32Array.of(Number.NaN),
      settings,
      report,
    );
    expect(report[2]).toBe(0);
    expect(firstDifference(b.parameters, a.parameters)).toBe(-1);
  });
});
