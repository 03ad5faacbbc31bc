import { beforeAll, describe, expect, it } from 'vitest';
import { initTensors, tf } from '../src/index.ts';
import { tensorBackends } from './_backends.ts';
import { irregular } from './_op-case.ts';

const ROWS = 6;
const COLUMNS = 8;
const HALF = COLUMNS / 2 + 1;

/** sum_{r, c} x exp(-2 pi i (k r / ROWS + l c / COLUMNS)), term by term. */
function mode(x: ArrayLike<number>, k: number, l: number): [number, number] {
  let re = 0;
  let im = 0;
  for (let r = 0; r < ROWS; r++) {
    for (let c = 0; c < COLUMNS; c++) {
      const angle = -2 * Math.PI * ((k * r) / ROWS + (l * c) / COLUMNS);
      re += x[r * COLUMNS + c]! * Math.cos(angle);
      im += x[r * COLUMNS + c]! * Math.sin(angle);
    }
  }
  return [re, im];
}

function map(seed: number, length = ROWS * COLUMNS): Float32Array {
  return Float32Array.from(irregular(length, seed, [-1, 1]));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

describe.each(tensorBackends)('Fourier transforms on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it('are the sums of their definition', () => {
    const x = map(1);
    const modes = tf.tidy(() => tf.rfft2(tf.tensor(x, [ROWS, COLUMNS])).dataSync());
    for (let k = 0; k < ROWS; k++) {
      for (let l = 0; l < HALF; l++) {
        const [re, im] = mode(x, k, l);
        // Sums of 48 terms below one.
        expect(Math.abs(modes[2 * (k * HALF + l)]! - re)).toBeLessThan(3e-6);
        expect(Math.abs(modes[2 * (k * HALF + l) + 1]! - im)).toBeLessThan(3e-6);
      }
    }
  });

  it('invert each other over a batch', () => {
    const x = map(2, 3 * ROWS * COLUMNS);
    const back = tf.tidy(() => tf.irfft2(tf.rfft2(tf.tensor(x, [3, ROWS, COLUMNS])), COLUMNS).dataSync());
    for (let i = 0; i < x.length; i++) expect(Math.abs(back[i]! - x[i]!)).toBeLessThan(1e-6);
  });

  it('have gradients that are their transposes: <A x, y> = <x, A^T y>', () => {
    const before = tf.memory().numTensors;
    const x = map(3);
    const modes = map(4, ROWS * HALF * 2);
    tf.tidy(() => {
      const tx = tf.tensor(x, [ROWS, COLUMNS]);
      const tm = tf.tensor(modes, [ROWS, HALF, 2]);
      const forward = tf.rfft2(tx).dataSync();
      const transpose = tf
        .grad((a) => tf.sum(tf.mul(tf.rfft2(a), tm)))(tx)
        .dataSync();
      expect(dot(transpose, x)).toBeCloseTo(dot(forward, modes), 4);
      const inverse = tf.irfft2(tm, COLUMNS).dataSync();
      const inverseTranspose = tf
        .grad((a) => tf.sum(tf.mul(tf.irfft2(a, COLUMNS), tx)))(tm)
        .dataSync();
      expect(dot(inverseTranspose, modes)).toBeCloseTo(dot(inverse, x), 4);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('have second derivatives: the Hessian of a sum of |modes|^4 along a direction', () => {
    const x = map(5);
    const u = map(6);
    const energy = (a: tf.Tensor) => tf.sum(tf.square(tf.sum(tf.square(tf.rfft2(a)), -1))) as tf.Scalar;
    const hessianU = tf.tidy(() => {
      const tu = tf.tensor(u, [ROWS, COLUMNS]);
      const slope = (a: tf.Tensor) => tf.sum(tf.mul(tf.grad(energy)(a), tu)) as tf.Scalar;
      return tf
        .grad(slope)(tf.tensor(x, [ROWS, COLUMNS]))
        .dataSync();
    });
    const energyOf = (at: Float64Array) => {
      let total = 0;
      for (let k = 0; k < ROWS; k++) {
        for (let l = 0; l < HALF; l++) {
          const [re, im] = mode(at, k, l);
          total += (re * re + im * im) ** 2;
        }
      }
      return total;
    };
    const step = 1e-3;
    const along = (t: number) => energyOf(Float64Array.from(x, (value, i) => value + t * u[i]!));
    const curvature = (along(step) - 2 * along(0) + along(-step)) / step ** 2;
    // float32 rounding of a sum of 48 products, and 1e-5 from the difference quotient.
    expect(Math.abs(dot(hessianU, u) / curvature - 1)).toBeLessThan(5e-5);
  });

  it('refuse half planes that do not fit', () => {
    expect(() => tf.irfft2(tf.zeros([4, 4, 2]), 8)).toThrow(
      'tensors.irfft2: modes must have shape [..., rows, 5,2] for 8 columns; got [4,4,2].',
    );
  });
});
