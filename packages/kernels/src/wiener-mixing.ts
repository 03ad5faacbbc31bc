import { requireLength } from './_required-length.ts';
import type { Kernels } from './kernels.ts';
import { checkFields, halfPlaneLength, type ModeMixingOptions, quadrantLength } from './mode-mixing.ts';

export interface WienerMixingArrays {
  /** Roots L of `wienerRoots` as `layOutModes` lays them out. */
  readonly quadrant: Float32Array;
  /** The data y in units of their noise, half planes as of `rfft2`. */
  readonly data: Float32Array;
  /** rfft2 of the latents z going in, v = z + L^T y coming out; half planes. */
  readonly waves: Float32Array;
}

/** Fields h = L (z + L^T y) mode by mode: z standard normal given the data, L^T y its mean. Writes the half planes of h to `fields`. */
export function mixWiener(
  kernels: Kernels,
  { quadrant, data, waves }: WienerMixingArrays,
  fields: Float32Array,
  options: ModeMixingOptions,
): void {
  checkFields('mixWiener', options);
  requireLength('mixWiener', 'quadrant', quadrant, quadrantLength(options));
  for (const [name, array] of Object.entries({ data, waves, fields }))
    requireLength('mixWiener', name, array, halfPlaneLength(options));
  kernels.call.lf_wiener_mixing(quadrant, data, waves, fields, options.size, options.fields);
}

export interface WienerMixingGradientArrays extends WienerMixingArrays {
  /** rfft2 of the gradient in the fields. */
  readonly cotangent: Float32Array;
  /** Written: its irfft2 is the gradient in the latents. May be the cotangent itself. */
  readonly latentGradient: Float32Array;
  /** Written: [pairs, points, points, 2], for `averageModes`, which makes it the gradient in the packed entries of L. */
  readonly products: Float32Array;
}

/** The gradients of irfft2(h), but for the transforms around them; `waves` are those that {@link mixWiener} left. */
export function mixWienerGradient(
  kernels: Kernels,
  arrays: WienerMixingGradientArrays,
  options: ModeMixingOptions,
): void {
  const { quadrant, data, waves, cotangent, latentGradient, products } = arrays;
  checkFields('mixWienerGradient', options);
  requireLength('mixWienerGradient', 'quadrant', quadrant, quadrantLength(options));
  requireLength('mixWienerGradient', 'products', products, quadrantLength(options));
  for (const [name, array] of Object.entries({ data, waves, cotangent, latentGradient }))
    requireLength('mixWienerGradient', name, array, halfPlaneLength(options));
  kernels.call.lf_wiener_mixing_gradient(
    quadrant,
    data,
    waves,
    cotangent,
    latentGradient,
    products,
    options.size,
    options.fields,
  );
}
