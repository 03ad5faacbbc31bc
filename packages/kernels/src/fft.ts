import { createFftAxis, type FftAxis } from './_fft-axis.ts';
import { InvalidArgumentError, UnsupportedError } from './errors.ts';
import type { Kernels } from './kernels.ts';

/** Shape of a batch of real fields, [batch, rows, columns]; rows and columns of the form 2^a 3^b 5^c. */
export interface FftShape {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
}

const LARGEST_SIZE = 2 ** 20;

function isGoodSize(n: number): boolean {
  let rest = n;
  for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
  return rest === 1;
}

/** The nearest sizes 2^a 3^b 5^c: the largest not above `n` and the smallest not below it (twice `n` itself where it is one). */
export function nearestFftSizes(n: number): readonly [number, number] {
  let below = Math.max(1, Math.floor(n));
  let above = Math.max(1, Math.ceil(n));
  while (!isGoodSize(below)) below--;
  while (!isGoodSize(above)) above++;
  return [below, above];
}

function checkSize(where: string, argument: string, size: number): void {
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_SIZE)
    throw new InvalidArgumentError(
      argument,
      `kernels.${where}: ${argument} must be an integer from 1 to ${LARGEST_SIZE}; got ${size}.`,
    );
  if (isGoodSize(size)) return;
  const [below, above] = nearestFftSizes(size);
  throw new InvalidArgumentError(
    argument,
    `kernels.${where}: ${argument} must be of the form 2^a 3^b 5^c; got ${size}. The nearest are ${below} and ${above}.`,
  );
}

function checkLength(where: string, argument: string, array: Float32Array, length: number): void {
  if (array.length !== length)
    throw new InvalidArgumentError(
      argument,
      `kernels.${where}: ${argument} must have ${length} elements; got ${array.length}.`,
    );
}

/* Tables depend on the length alone, cost microseconds, and belong to the engine's memory. */
const axesOfEngine = new WeakMap<Kernels, Map<number, FftAxis>>();

function axisOf(kernels: Kernels, size: number): FftAxis {
  let axes = axesOfEngine.get(kernels);
  if (!axes) {
    axes = new Map();
    axesOfEngine.set(kernels, axes);
  }
  let axis = axes.get(size);
  if (!axis) {
    axis = createFftAxis(kernels, size);
    axes.set(size, axis);
  }
  return axis;
}

interface Transform {
  readonly where: string;
  readonly kernel: 'lf_rfft2' | 'lf_irfft2' | 'lf_begin_rfft2';
  readonly edgeScale: number;
  readonly innerScale: number;
}

function transform(
  kernels: Kernels,
  input: Float32Array,
  output: Float32Array,
  shape: FftShape,
  how: Transform,
): void {
  const { batch, rows, columns } = shape;
  checkSize(how.where, 'rows', rows);
  checkSize(how.where, 'columns', columns);
  if (!Number.isInteger(batch) || batch < 0)
    throw new InvalidArgumentError(
      'batch',
      `kernels.${how.where}: batch must be an integer from 0; got ${batch}.`,
    );
  const real = batch * rows * columns;
  const complex = batch * rows * (Math.floor(columns / 2) + 1) * 2;
  const isForward = how.kernel !== 'lf_irfft2';
  checkLength(how.where, 'input', input, isForward ? real : complex);
  checkLength(how.where, 'output', output, isForward ? complex : real);
  if (batch === 0) return;
  const row = axisOf(kernels, columns);
  const column = axisOf(kernels, rows);
  // biome-ignore format: the C prototype
  const failed = kernels.call[how.kernel](
    input, output, row.radices, row.twiddles, column.radices, column.twiddles, batch, rows, columns, how.edgeScale, how.innerScale,
  );
  if (failed) throw outOfScratch(how.where, shape);
}

function outOfScratch(where: string, { batch, rows, columns }: FftShape): UnsupportedError {
  return new UnsupportedError(
    `kernels.${where}: scratch space for ${batch} x ${rows} x ${columns} must fit the engine's memory; it does not. ` +
      'Transform smaller batches, or load with a larger memoryMiB.',
  );
}

/**
 * Two-dimensional Fourier transform of real fields: F[k, l] = sum over rows m and columns n of
 * x[m, n] exp(-2 pi i (k m / rows + l n / columns)), not normalised.
 *
 * @param input   Real fields, shape [batch, rows, columns].
 * @param output  Receives the half plane l = 0 .. floor(columns / 2), interleaved complex, shape
 *                [batch, rows, floor(columns / 2) + 1, 2]. Must not overlap `input`.
 * @throws {InvalidArgumentError} if rows or columns are not 2^a 3^b 5^c (the message names the nearest), or a length is wrong.
 *
 * Accuracy: 5e-7 of the largest coefficient against a float64 sum (test/fft.test.ts). The same bytes for any number of threads.
 */
export function rfft2(kernels: Kernels, input: Float32Array, output: Float32Array, shape: FftShape): void {
  transform(kernels, input, output, shape, {
    where: 'rfft2',
    kernel: 'lf_rfft2',
    edgeScale: 1,
    innerScale: 1,
  });
}

/**
 * {@link rfft2} on another thread while `work` runs on this one; without a second thread (WebAssembly, `threads: 1`) the transform comes first.
 * `work` must leave `input` and `output` alone. Gives what `work` gives, when both are done; the same bytes as {@link rfft2}.
 */
export function rfft2Beside<T>(
  kernels: Kernels,
  input: Float32Array,
  output: Float32Array,
  shape: FftShape,
  work: () => T,
): T {
  const where = 'rfft2Beside';
  transform(kernels, input, output, shape, { where, kernel: 'lf_begin_rfft2', edgeScale: 1, innerScale: 1 });
  let failed = 0;
  let result: T;
  try {
    result = work();
  } finally {
    failed = kernels.call.lf_finish_rfft2();
  }
  if (failed) throw outOfScratch(where, shape);
  return result;
}

/**
 * The inverse of {@link rfft2}, normalised by 1 / (rows columns). Imaginary parts that no real field can have (of the columns
 * l = 0 and l = columns / 2) are ignored, as in `numpy.fft.irfft2`.
 *
 * @param input   Half plane, shape [batch, rows, floor(columns / 2) + 1, 2]. Kept.
 * @param output  Receives real fields, shape [batch, rows, columns]. Must not overlap `input`.
 * @throws {InvalidArgumentError} as {@link rfft2}.
 *
 * Accuracy: irfft2(rfft2(x)) = x within 1e-6 of the largest |x| (test/fft.test.ts).
 */
export function irfft2(kernels: Kernels, input: Float32Array, output: Float32Array, shape: FftShape): void {
  const scale = 1 / (shape.rows * shape.columns);
  transform(kernels, input, output, shape, {
    where: 'irfft2',
    kernel: 'lf_irfft2',
    edgeScale: scale,
    innerScale: scale,
  });
}

/**
 * The transpose of {@link rfft2} as a real-linear map: carries a gradient with respect to the half plane, shape
 * [batch, rows, floor(columns / 2) + 1, 2], to the gradient with respect to the fields, shape [batch, rows, columns].
 *
 * @throws {InvalidArgumentError} as {@link rfft2}.
 */
export function rfft2Adjoint(
  kernels: Kernels,
  input: Float32Array,
  output: Float32Array,
  shape: FftShape,
): void {
  transform(kernels, input, output, shape, {
    where: 'rfft2Adjoint',
    kernel: 'lf_irfft2',
    edgeScale: 1,
    innerScale: 0.5,
  });
}

/**
 * The transpose of {@link irfft2} as a real-linear map: carries a gradient with respect to the fields, shape
 * [batch, rows, columns], to the gradient with respect to the half plane, shape [batch, rows, floor(columns / 2) + 1, 2].
 *
 * @throws {InvalidArgumentError} as {@link rfft2}.
 */
export function irfft2Adjoint(
  kernels: Kernels,
  input: Float32Array,
  output: Float32Array,
  shape: FftShape,
): void {
  const scale = 1 / (shape.rows * shape.columns);
  transform(kernels, input, output, shape, {
    where: 'irfft2Adjoint',
    kernel: 'lf_rfft2',
    edgeScale: scale,
    innerScale: 2 * scale,
  });
}
