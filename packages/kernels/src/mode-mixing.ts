import { requireLength } from './_required-length.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

/**
 * Mixing of fields, mode by mode, with an isotropic symmetric matrix S(|k|): out = irfft2(S rfft2(in)). S is given on the
 * distinct modes of the grid (see `distinctModes`), [count, lanes], each packed by upper triangle.
 */
export interface ModeMixingOptions {
  /** Points per side of the grid. */
  readonly size: number;
  /** Fields, 1 to 16. */
  readonly fields: number;
}

export interface PackedModesOptions extends ModeMixingOptions {
  /** Doubles per distinct mode, at least fields (fields + 1) / 2. */
  readonly lanes: number;
}

/** Floats of the layout that {@link layOutModes} writes and of the products of {@link mixModesGradient}. */
export function quadrantLength({ size, fields }: ModeMixingOptions): number {
  const points = Math.floor(size / 2) + 1;
  return ((fields * (fields + 1)) / 2) * points * points;
}

const distinctCount = (size: number) => ((Math.floor(size / 2) + 1) * (Math.floor(size / 2) + 2)) / 2;
export const halfPlaneLength = ({ size, fields }: ModeMixingOptions) =>
  2 * fields * size * (Math.floor(size / 2) + 1);

export function checkFields(where: string, { fields }: ModeMixingOptions): void {
  if (!Number.isInteger(fields) || fields < 1 || fields > 16)
    throw new InvalidArgumentError(
      'fields',
      `kernels.${where}: fields must be an integer from 1 to 16; got ${fields}.`,
    );
}

/** Lays S out in single precision for {@link mixModes}: `modes` [count, lanes] to `quadrant` of {@link quadrantLength}. */
export function layOutModes(
  kernels: Kernels,
  modes: Float64Array,
  quadrant: Float32Array,
  options: PackedModesOptions,
): void {
  checkFields('layOutModes', options);
  requireLength('layOutModes', 'modes', modes, distinctCount(options.size) * options.lanes);
  requireLength('layOutModes', 'quadrant', quadrant, quadrantLength(options));
  kernels.call.lf_even_quadrant(modes, quadrant, options.size, options.fields, options.lanes);
}

/** out = S in on half planes [fields, size, floor(size / 2) + 1, 2] as of `rfft2`. The product is its own transpose. */
export function mixModes(
  kernels: Kernels,
  quadrant: Float32Array,
  input: Float32Array,
  output: Float32Array,
  options: ModeMixingOptions,
): void {
  checkFields('mixModes', options);
  requireLength('mixModes', 'quadrant', quadrant, quadrantLength(options));
  requireLength('mixModes', 'input', input, halfPlaneLength(options));
  requireLength('mixModes', 'output', output, halfPlaneLength(options));
  kernels.call.lf_mode_mixing(quadrant, input, output, options.size, options.fields);
}

export interface MixModesGradientArrays {
  readonly quadrant: Float32Array;
  /** rfft2 of the input. */
  readonly input: Float32Array;
  /** rfft2 of the gradient in the output. */
  readonly cotangent: Float32Array;
  /** Written: its irfft2 is the gradient in the input. */
  readonly inputGradient: Float32Array;
  /** Written: [pairs, points, points], for {@link averageModes}. */
  readonly products: Float32Array;
}

/** The gradients of out = irfft2(S rfft2(in)), but for the transforms around them. */
export function mixModesGradient(
  kernels: Kernels,
  arrays: MixModesGradientArrays,
  options: ModeMixingOptions,
): void {
  const { quadrant, input, cotangent, inputGradient, products } = arrays;
  checkFields('mixModesGradient', options);
  requireLength('mixModesGradient', 'quadrant', quadrant, quadrantLength(options));
  requireLength('mixModesGradient', 'products', products, quadrantLength(options));
  for (const [name, array] of Object.entries({ input, cotangent, inputGradient }))
    requireLength('mixModesGradient', name, array, halfPlaneLength(options));
  const { size, fields } = options;
  kernels.call.lf_mode_mixing_gradient(quadrant, input, cotangent, inputGradient, products, size, fields);
}

/**
 * Gradient in the packed entries of S per mode of the full grid: the products of {@link mixModesGradient} averaged in float64
 * over the places of each distinct mode, divided by size^2. Multiply by `distinctModes(size).counts` for the gradient in the
 * distinct entries.
 */
export function averageModes(
  kernels: Kernels,
  products: Float32Array,
  modes: Float64Array,
  options: PackedModesOptions,
): void {
  checkFields('averageModes', options);
  const { size, fields, lanes } = options;
  requireLength('averageModes', 'products', products, quadrantLength(options));
  requireLength('averageModes', 'modes', modes, distinctCount(size) * lanes);
  kernels.call.lf_even_average(products, modes, 1 / (size * size), size, fields, lanes);
}

/** Ensemble variance of each field of irfft2(S rfft2(white noise of unit variance)): 1/size^2 sum over modes of sum_j S_ij^2. */
export function modeVariances(
  kernels: Kernels,
  root: Float64Array,
  variances: Float64Array,
  options: PackedModesOptions,
): void {
  checkFields('modeVariances', options);
  const { size, fields, lanes } = options;
  requireLength('modeVariances', 'root', root, distinctCount(size) * lanes);
  requireLength('modeVariances', 'variances', variances, fields);
  kernels.call.lf_mode_variance(root, variances, size, fields, lanes);
}

/** Adds the gradient through {@link modeVariances} to `gradient` (packed, per mode of the full grid). */
export function addModeVariancesGradient(
  kernels: Kernels,
  root: Float64Array,
  cotangent: Float64Array,
  gradient: Float64Array,
  options: PackedModesOptions,
): void {
  checkFields('addModeVariancesGradient', options);
  const { size, fields, lanes } = options;
  requireLength('addModeVariancesGradient', 'root', root, distinctCount(size) * lanes);
  requireLength('addModeVariancesGradient', 'gradient', gradient, distinctCount(size) * lanes);
  requireLength('addModeVariancesGradient', 'cotangent', cotangent, fields);
  kernels.call.lf_mode_variance_gradient(root, cotangent, gradient, size, fields, lanes);
}
