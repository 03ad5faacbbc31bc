import { isLensfieldError } from '@lensfield/kernels';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AdamState, adam, initTensors, type ParameterVector, parameterVector } from '../src/index.ts';
import { tensorBackends } from './_backends.ts';
import { irregular } from './_op-case.ts';

const SIZE = 37;
const start = { w: { shape: [SIZE], data: Float32Array.from(irregular(SIZE, 1, [-1, 1])) } };

/** Gradient of the i-th step. */
function gradientAt(step: number): ParameterVector {
  return parameterVector({
    w: { shape: [SIZE], data: Float32Array.from(irregular(SIZE, 3 + step, [-2, 2])) },
  });
}

/** Kingma and Ba, algorithm 1, in float64. */
function twin(steps: number, rate: (step: number) => number, weightDecay: number): Float64Array {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const w = Float64Array.from(start.w.data);
  const m = new Float64Array(SIZE);
  const v = new Float64Array(SIZE);
  for (let t = 1; t <= steps; t++) {
    const { values } = gradientAt(t - 1);
    for (let i = 0; i < SIZE; i++) {
      m[i] = beta1 * m[i]! + (1 - beta1) * values[i]!;
      v[i] = beta2 * v[i]! + (1 - beta2) * values[i]! ** 2;
      const mHat = m[i]! / (1 - beta1 ** t);
      const vHat = v[i]! / (1 - beta2 ** t);
      w[i]! -= rate(t - 1) * (mHat / (Math.sqrt(vHat) + epsilon) + weightDecay * w[i]!);
    }
  }
  return w;
}

function run(optimizer: ReturnType<typeof adam>, state: AdamState, from: number, to: number): AdamState {
  let next = state;
  for (let step = from; step < to; step++) next = optimizer.step(next, gradientAt(step));
  return next;
}

describe.each(tensorBackends)('adam on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it('equals algorithm 1 in float64 over 50 steps, with a schedule and weight decay', () => {
    const learningRate = (step: number) => 0.01 / (1 + step);
    const optimizer = adam({ learningRate, weightDecay: 0.1 });
    const state = run(optimizer, optimizer.init(start), 0, 50);
    const expected = twin(50, learningRate, 0.1);
    // 50 float32 roundings of numbers below one.
    for (let i = 0; i < SIZE; i++)
      expect(Math.abs(state.parameters.values[i]! - expected[i]!)).toBeLessThan(1e-6);
    expect(state.step).toBe(50);
  });

  it('goes on from a saved state to the same bits', () => {
    const optimizer = adam();
    const through = run(optimizer, optimizer.init(start), 0, 8);
    const half = structuredClone(run(optimizer, optimizer.init(start), 0, 4));
    const resumed = run(optimizer, half, 4, 8);
    expect(resumed).toEqual(through);
  });

  it('refuses a gradient that is not finite and leaves the state as it is', () => {
    const optimizer = adam();
    const state = optimizer.init(start);
    const gradients = gradientAt(0);
    gradients.values[5] = Number.NaN;
    let error: unknown;
    try {
      optimizer.step(state, gradients);
    } catch (caught) {
      error = caught;
    }
    expect(isLensfieldError(error, 'NUMERICAL')).toBe(true);
    expect((error as Error).message).toBe(
      'tensors.adam: gradients must be finite; got NaN at 5. Lower the learning rate or clip the gradient.',
    );
    expect(state).toEqual(optimizer.init(start));
  });

  it('refuses a gradient of another size', () => {
    const optimizer = adam();
    const other = parameterVector({ w: { shape: [2], data: new Float32Array(2) } });
    expect(() => optimizer.step(optimizer.init(start), other)).toThrow(
      'tensors.adam: gradients must hold 37 values; got 2.',
    );
  });

  it('does not touch the parameters that it was given', () => {
    const optimizer = adam({ learningRate: 1 });
    const given = start.w.data.slice();
    optimizer.step(optimizer.init(start), gradientAt(0));
    expect(start.w.data).toEqual(given);
  });
});
