import type { Kernels } from './kernels.ts';

/** What the C transform of one length needs: its radices (ending with 0) and twiddle factors, in the order of csrc/fft-lines.h. */
export interface FftAxis {
  readonly radices: Int32Array;
  readonly twiddles: Float32Array;
}

/** Largest radices first; a power of two that eight does not divide ends in fours, a lone factor two comes last. */
function radicesOf(size: number): number[] {
  let rest = size;
  const radices: number[] = [];
  const take = (radix: number) => {
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  };
  take(5);
  take(3);
  while (rest % 8 === 0 && rest !== 16) {
    radices.push(8);
    rest /= 8;
  }
  take(4);
  take(2);
  return radices;
}

function twiddlesOf(size: number, radices: readonly number[]): number[] {
  const twiddles: number[] = [];
  let m = size;
  for (const radix of radices) {
    const angle = (-2 * Math.PI) / m;
    m /= radix;
    for (let p = 1; p < m; p++)
      for (let r = 1; r < radix; r++) twiddles.push(Math.cos(angle * p * r), Math.sin(angle * p * r));
  }
  return twiddles;
}

/** Makes the tables in the engine's memory; they live as long as the engine. */
export function createFftAxis(kernels: Kernels, size: number): FftAxis {
  const list = radicesOf(size);
  const values = twiddlesOf(size, list);
  const radices = kernels.int32(list.length + 1);
  const twiddles = kernels.float32(Math.max(values.length, 1));
  radices.set(list);
  twiddles.set(values);
  return { radices, twiddles };
}
