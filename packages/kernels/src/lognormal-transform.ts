import { requireMemory } from './_enough-memory.ts';
import { requireLength } from './_required-length.ts';
import type { Kernels } from './kernels.ts';

/** Per field: kappa = shift (exp(g - variance / 2) - 1). Arrays of length `fields`. */
export interface LognormalParameters {
  readonly shift: Float64Array;
  readonly variance: Float64Array;
}

/** Log-normal fields of Gaussian ones, [fields, pixels], in float32 (3e-7 of shift + kappa). */
export function lognormalMap(
  kernels: Kernels,
  gaussian: Float32Array,
  map: Float32Array,
  { shift, variance }: LognormalParameters,
): void {
  requireLength('lognormalMap', 'map', map, gaussian.length);
  requireLength('lognormalMap', 'variance', variance, shift.length);
  const fields = shift.length;
  kernels.call.lf_lognormal_map(gaussian, map, shift, variance, fields, gaussian.length / fields);
}

export interface LognormalResidualArrays {
  /** [fields, pixels]. */
  readonly gaussian: Float32Array;
  /** [fields, pixels]. */
  readonly data: Float32Array;
  /** Written: gradient of the log likelihood in `gaussian` at fixed variance, [fields, pixels]. */
  readonly gradient: Float32Array;
  /** Written: [fields, 3], see {@link lognormalResidual}. */
  readonly sums: Float64Array;
  /** 1 / noise variance per field. */
  readonly inverseNoiseVariance: Float64Array;
}

/**
 * Misfit r = data - kappa(g) and the gradient of the log likelihood L = -sum r^2 / (2 noise variance). `sums` holds per field
 * sum r^2, dL / d shift, and the sum over pixels of dL / dg, which is -2 dL / d variance. Sums are float64, the same for any
 * number of threads.
 */
export function lognormalResidual(
  kernels: Kernels,
  arrays: LognormalResidualArrays,
  { shift, variance }: LognormalParameters,
): void {
  const { gaussian, data, gradient, sums, inverseNoiseVariance } = arrays;
  const fields = shift.length;
  requireLength('lognormalResidual', 'data', data, gaussian.length);
  requireLength('lognormalResidual', 'gradient', gradient, gaussian.length);
  requireLength('lognormalResidual', 'sums', sums, 3 * fields);
  requireLength('lognormalResidual', 'variance', variance, fields);
  requireLength('lognormalResidual', 'inverseNoiseVariance', inverseNoiseVariance, fields);
  const pixels = gaussian.length / fields;
  requireMemory(
    'lognormalResidual',
    kernels.call.lf_lognormal_residual(
      gaussian,
      data,
      gradient,
      sums,
      shift,
      variance,
      inverseNoiseVariance,
      fields,
      pixels,
    ),
  );
}

export interface WienerResidualArrays {
  /** h, [fields, pixels]. */
  readonly scaled: Float32Array;
  /** What the linear model takes for the map, in units of its noise, [fields, pixels]. */
  readonly linear: Float32Array;
  /** The map over its noise, 0 where `inverseNoise` is 0, [fields, pixels]. */
  readonly data: Float32Array;
  /** One over the standard deviation of each pixel's noise, 0 where the map has no data, [fields, pixels]. */
  readonly inverseNoise: Float32Array;
  /** Written: gradient in h at fixed variance, [fields, pixels]. */
  readonly gradient: Float32Array;
  /** Written: [fields, 3], see {@link wienerResidual}. */
  readonly sums: Float64Array;
  /** Noise of the linear model: the unit of h, per field. */
  readonly scale: Float64Array;
}

/**
 * What the log-normal model adds to a linear one: with g = scale / shift h, the log likelihood of kappa(g) less that of a map `linear` =
 * h + unit noise. `sums` holds per field this difference, its gradient in shift at fixed h, and -2 times its gradient in variance.
 * Sums are float64, the same for any number of threads.
 */
export function wienerResidual(
  kernels: Kernels,
  arrays: WienerResidualArrays,
  { shift, variance }: LognormalParameters,
): void {
  const { scaled, linear, data, inverseNoise, gradient, sums, scale } = arrays;
  const fields = shift.length;
  for (const [name, array] of Object.entries({ linear, data, inverseNoise, gradient }))
    requireLength('wienerResidual', name, array, scaled.length);
  requireLength('wienerResidual', 'sums', sums, 3 * fields);
  requireLength('wienerResidual', 'variance', variance, fields);
  requireLength('wienerResidual', 'scale', scale, fields);
  requireMemory(
    'wienerResidual',
    kernels.call.lf_wiener_residual(
      scaled,
      linear,
      data,
      inverseNoise,
      gradient,
      sums,
      shift,
      variance,
      scale,
      fields,
      scaled.length / fields,
    ),
  );
}

/** Mean and variance (divisor: number of pixels) of each field over its pixels, float64: `moments` [fields, 2]. */
export function fieldMoments(kernels: Kernels, fields: Float32Array, moments: Float64Array): void {
  const numFields = moments.length / 2;
  requireMemory(
    'fieldMoments',
    kernels.call.lf_field_moments(fields, moments, numFields, fields.length / numFields),
  );
}

/**
 * gradient += factor[field] (g - mean): what a gradient in the sample variance adds to that in g, with factor 2 / pixels times it.
 * `moments` from {@link fieldMoments}.
 */
export function addDeviation(
  kernels: Kernels,
  gaussian: Float32Array,
  gradient: Float32Array,
  moments: Float64Array,
  factor: Float64Array,
): void {
  requireLength('addDeviation', 'gradient', gradient, gaussian.length);
  requireLength('addDeviation', 'moments', moments, 2 * factor.length);
  kernels.call.lf_add_deviation(
    gaussian,
    gradient,
    moments,
    factor,
    factor.length,
    gaussian.length / factor.length,
  );
}

/** Rounds latents to float32 into `out` and returns the sum of squares of the unrounded values. */
export function roundLatents(kernels: Kernels, latents: Float64Array, out: Float32Array): number {
  requireLength('roundLatents', 'out', out, latents.length);
  return kernels.call.lf_round_latents(latents, out, latents.length);
}

/** gradient = change - latents: a log likelihood's gradient joined with that of a standard normal prior. */
export function latentGradient(
  kernels: Kernels,
  change: Float32Array,
  latents: Float64Array,
  gradient: Float64Array,
): void {
  requireLength('latentGradient', 'latents', latents, change.length);
  requireLength('latentGradient', 'gradient', gradient, change.length);
  kernels.call.lf_latent_gradient(change, latents, gradient, change.length);
}
