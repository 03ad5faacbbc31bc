import { tf } from '../src/index.ts';
import type { OpCase } from './_op-case.ts';

const [ROWS, COLUMNS] = [4, 6];
const HALF = COLUMNS / 2 + 1;

/** Phase of row wavenumber k and column wavenumber l at pixel (r, c). */
function phase(k: number, l: number, r: number, c: number): number {
  return 2 * Math.PI * ((k * r) / ROWS + (l * c) / COLUMNS);
}

/** Sums over pixels, from the definition: [rows, half, real and imaginary part]. */
function forwardTwin(map: Float64Array): number[] {
  const modes: number[] = [];
  for (let k = 0; k < ROWS; k++) {
    for (let l = 0; l < HALF; l++) {
      let [re, im] = [0, 0];
      map.forEach((x, i) => {
        const angle = phase(k, l, Math.floor(i / COLUMNS), i % COLUMNS);
        re += x * Math.cos(angle);
        im -= x * Math.sin(angle);
      });
      modes.push(re, im);
    }
  }
  return modes;
}

/** Sums over the modes of the half plane and those that mirror them; columns 0 and the middle one stand for themselves. */
function inverseTwin(modes: Float64Array): number[] {
  return Array.from({ length: ROWS * COLUMNS }, (_, i) => {
    let total = 0;
    for (let k = 0; k < ROWS; k++) {
      for (let l = 0; l < HALF; l++) {
        const at = 2 * (k * HALF + l);
        const angle = phase(k, l, Math.floor(i / COLUMNS), i % COLUMNS);
        const weight = l === 0 || l === HALF - 1 ? 1 : 2;
        total += weight * (modes[at]! * Math.cos(angle) - modes[at + 1]! * Math.sin(angle));
      }
    }
    return total / (ROWS * COLUMNS);
  });
}

export const fourierCases: OpCase[] = [
  {
    name: 'rfft2',
    shapes: [[ROWS, COLUMNS]],
    apply: (x: tf.Tensor) => tf.rfft2(x),
    twin: (x) => forwardTwin(x!),
  },
  {
    name: 'irfft2',
    shapes: [[ROWS, HALF, 2]],
    apply: (x: tf.Tensor) => tf.irfft2(x, COLUMNS),
    twin: (x) => inverseTwin(x!),
  },
];
