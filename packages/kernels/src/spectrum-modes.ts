import { requireMemory } from './_enough-memory.ts';
import { requireLength } from './_required-length.ts';
import type { Kernels } from './kernels.ts';

/**
 * Interpolation of log spectra from nodes to modes as a fixed sparse linear map: six neighbouring nodes per mode. The first mode
 * (no wave) has zero power whatever its weights.
 */
export interface SpectrumInterpolation {
  readonly numNodes: number;
  /** First of the six nodes of each mode, [modes]. */
  readonly first: Int32Array;
  /** Weights of the six nodes, [modes, 6]. */
  readonly weights: Float64Array;
  /** Modes of the full grid that each mode stands for, [modes]. */
  readonly counts: Float64Array;
}

/**
 * power = scale exp(interpolated log spectra): `logSpectra` [numNodes, lanes] to `power` [lanes / 8, modes, 8], as `evenTransform`
 * takes it; lanes a multiple of 8.
 */
export function interpolateSpectra(
  kernels: Kernels,
  logSpectra: Float64Array,
  power: Float64Array,
  interpolation: SpectrumInterpolation,
  scale: number,
): void {
  const { numNodes, first, weights } = interpolation;
  const lanes = power.length / first.length;
  requireLength('interpolateSpectra', 'logSpectra', logSpectra, numNodes * lanes);
  requireLength('interpolateSpectra', 'weights', weights, 6 * first.length);
  kernels.call.lf_log_interpolation(logSpectra, first, weights, power, scale, first.length, lanes);
}

/** Gradient in the log spectra at the nodes from the gradient in `power` per mode of the full grid. */
export function interpolateSpectraGradient(
  kernels: Kernels,
  power: Float64Array,
  cotangent: Float64Array,
  gradient: Float64Array,
  interpolation: SpectrumInterpolation,
): void {
  const { numNodes, first, weights, counts } = interpolation;
  const lanes = power.length / first.length;
  requireLength('interpolateSpectraGradient', 'cotangent', cotangent, power.length);
  requireLength('interpolateSpectraGradient', 'gradient', gradient, numNodes * lanes);
  kernels.call.lf_log_interpolation_gradient(
    power,
    cotangent,
    counts,
    first,
    weights,
    gradient,
    numNodes,
    first.length,
    lanes,
  );
}

/** out = log(1 + scale[lane] x), arrays [lanes / 8, points, 8], float64 to a few ulp; NaN where 1 + scale x <= 0. */
export function log1pLanes(kernels: Kernels, x: Float64Array, scale: Float64Array, out: Float64Array): void {
  requireLength('log1pLanes', 'out', out, x.length);
  kernels.call.lf_log1p_lanes(x, scale, out, x.length / scale.length, scale.length);
}

export interface Log1pLanesGradientArrays {
  readonly x: Float64Array;
  readonly scale: Float64Array;
  /** Gradient in `out` per point of the full grid. */
  readonly cotangent: Float64Array;
  /** Points of the full grid that each distinct point stands for. */
  readonly counts: Float64Array;
  /** Written: gradient in `x` per point of the full grid; may be `cotangent`. */
  readonly gradient: Float64Array;
  /** Written: gradient in `scale`. */
  readonly scaleGradient: Float64Array;
}

/** Gradients of {@link log1pLanes}. */
export function log1pLanesGradient(kernels: Kernels, arrays: Log1pLanesGradientArrays): void {
  const { x, scale, cotangent, counts, gradient, scaleGradient } = arrays;
  requireLength('log1pLanesGradient', 'cotangent', cotangent, x.length);
  requireLength('log1pLanesGradient', 'gradient', gradient, x.length);
  requireLength('log1pLanesGradient', 'counts', counts, x.length / scale.length);
  requireLength('log1pLanesGradient', 'scaleGradient', scaleGradient, scale.length);
  kernels.call.lf_log1p_lanes_gradient(
    x,
    scale,
    cotangent,
    counts,
    gradient,
    scaleGradient,
    counts.length,
    scale.length,
  );
}

export interface ModeMagnitudes {
  /** |x| with no power at the first mode, [modes, lanes]. */
  readonly magnitudes: Float64Array;
  /** Sum of each lane over the full grid, [lanes]. */
  readonly totals: Float64Array;
}

/** Magnitudes of x [lanes / 8, modes, 8], each mode standing for `counts` modes of the full grid, and their sums over it. */
export function modeMagnitudes(
  kernels: Kernels,
  x: Float64Array,
  counts: Float64Array,
  { magnitudes, totals }: ModeMagnitudes,
): void {
  requireLength('modeMagnitudes', 'x', x, counts.length * totals.length);
  requireLength('modeMagnitudes', 'magnitudes', magnitudes, x.length);
  requireMemory(
    'modeMagnitudes',
    kernels.call.lf_magnitude(x, counts, magnitudes, totals, counts.length, totals.length),
  );
}

/**
 * Gradient of {@link modeMagnitudes} per mode of the full grid, [lanes / 8, modes, 8], from `cotangent`: the gradients in the magnitudes, per
 * mode of the full grid, and in the totals.
 */
export function modeMagnitudesGradient(
  kernels: Kernels,
  x: Float64Array,
  cotangent: ModeMagnitudes,
  gradient: Float64Array,
): void {
  const { magnitudes, totals } = cotangent;
  requireLength('modeMagnitudesGradient', 'magnitudes', magnitudes, x.length);
  requireLength('modeMagnitudesGradient', 'gradient', gradient, x.length);
  const lanes = totals.length;
  kernels.call.lf_magnitude_gradient(x, magnitudes, totals, gradient, x.length / lanes, lanes);
}
