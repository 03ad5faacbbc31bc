import type { Kernels } from './kernels.ts';

/** What the C transform of one length needs: its radices (ending with 0) and twiddle factors, in the order of csrc/fft-lines.h. */
export interface FftAxis {
  readonly radices: Int32Array;
  readonly twiddles: Float32Array;
}

/** From this length on two buffers of 16 lines leave the nearest cache. */
const LONG_LINE = 256;

/**
 * Fours are fastest (an eight spills registers, but pays in the last pass, which has no twiddle factors, for a two left over). With the
 * registers of AVX-512, 16 lines at once, sixteens take half the passes, which long lines need.
 */
function radicesOf(size: number, linesAtOnce: number): number[] {
  let rest = size;
  const radices: number[] = [];
  const take = (radix: number) => {
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  };
  take(3);
  const isOddPower = Math.log2(rest & -rest) % 2 === 1;
  const last = !isOddPower ? 1 : rest % 8 === 0 ? 8 : 2;
  rest /= last;
  if (size >= LONG_LINE && linesAtOnce >= 16) take(16);
  take(4);
  take(5);
  return last > 1 ? [...radices, last] : radices;
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
  const list = radicesOf(size, kernels.call.lf_fft_lines_at_once());
  const values = twiddlesOf(size, list);
  const radices = kernels.int32(list.length + 1);
  const twiddles = kernels.float32(Math.max(values.length, 1));
  radices.set(list);
  twiddles.set(values);
  return { radices, twiddles };
}
