import type { Numbers } from './arguments.ts';

/** A function on equally spaced points. */
export interface Curve {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface Spread {
  readonly mean: number;
  readonly sd: number;
  /** 0.1, 25, 75 and 99.9 %. */
  readonly quantiles: readonly [number, number, number, number];
}

// Quantiles set axes and bandwidths only: more draws than this would cost a long sort and move nothing that shows.
const QUANTILE_DRAWS = 20_000;

/** What the choice of axes and bandwidths needs to know of a set of draws. */
export function spreadOf(values: Float64Array): Spread {
  const n = values.length;
  let mean = 0;
  for (const value of values) mean += value / n;
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2 / Math.max(1, n - 1);
  const stride = Math.ceil(n / QUANTILE_DRAWS);
  const sorted = values.filter((_, i) => i % stride === 0).sort();
  const last = sorted.length - 1;
  const at = (p: number): number => sorted[Math.round(p * last)];
  return {
    mean,
    sd: Math.sqrt(variance),
    quantiles: [at(0.001), at(0.25), at(0.75), at(0.999)],
  };
}

/**
 * Shares out each value to the two nearest of the bin centres low + (i + 1/2) width, in proportion to its closeness (linear binning,
 * which keeps the mean of the values). Values outside are left out.
 */
export function linearBinning(values: Numbers, low: number, high: number, bins: number): Float64Array {
  const counts = new Float64Array(bins);
  const scale = bins / (high - low);
  for (let i = 0; i < values.length; i++) {
    const at = (values[i] - low) * scale;
    if (at < 0 || at > bins) continue;
    const shifted = Math.min(bins - 1, Math.max(0, at - 0.5));
    const left = Math.floor(shifted);
    const share = shifted - left;
    counts[left] += 1 - share;
    if (share > 0) counts[left + 1] += share;
  }
  return counts;
}

export interface DensityOptions {
  /** Ends of the curve. */
  readonly domain: readonly [number, number];
  /** Support of the density: no mass is smoothed across it. Infinite where there is none. */
  readonly bounds?: readonly [number, number];
  /** Independent draws that the values are worth; their number by default. */
  readonly effectiveSize?: number;
  readonly points?: number;
}

/**
 * Density of `values` by a Gaussian kernel, on `points` (default 256) bin centres of the domain; the integral over the domain is the
 * share of the values that lie in it. At a bound the kernel is cut and renormalised, so that a density that is
 * flat up to its bound is drawn flat.
 *
 * Source: bandwidth of Silverman (1986), eq. 3.28, with the smaller of his two scales; boundary kernel of Jones (1993), section 2 (the cut-and-normalised one).
 */
export function kernelDensity(values: Float64Array, options: DensityOptions): Curve {
  const points = options.points ?? 256;
  const [low, high] = clippedDomain(options.domain, options.bounds);
  const width = (high - low) / points;
  const x = Float64Array.from({ length: points }, (_, i) => low + (i + 0.5) * width);
  const bandwidth = silvermanBandwidth(spreadOf(values), options.effectiveSize ?? values.length);
  const reach = Math.ceil((4 * bandwidth) / width) + 1;
  // Bins beyond the ends of the curve, as far as the kernel reaches, so that only true bounds cut it.
  const bounded = [low <= (options.bounds?.[0] ?? -Infinity), high >= (options.bounds?.[1] ?? Infinity)];
  const margins = bounded.map((isBound) => (isBound ? 0 : reach));
  const all = linearBinning(
    values,
    low - margins[0] * width,
    high + margins[1] * width,
    points + margins[0] + margins[1],
  );
  const kernel = gaussianKernel(reach, Math.max(bandwidth / width, 0.5));
  const y = smooth(all, kernel).slice(margins[0], margins[0] + points);
  let sum = 0;
  for (const value of y) sum += value;
  const inside = share(values, low, high);
  for (let i = 0; i < points; i++) y[i] *= sum > 0 ? inside / (sum * width) : 0;
  return { x, y };
}

function clippedDomain(
  [low, high]: readonly [number, number],
  bounds: readonly [number, number] = [-Infinity, Infinity],
): [number, number] {
  return [Math.max(low, bounds[0]), Math.min(high, bounds[1])];
}

function share(values: Float64Array, low: number, high: number): number {
  let count = 0;
  for (const value of values) if (value >= low && value <= high) count++;
  return count / values.length;
}

function silvermanBandwidth(spread: Spread, n: number): number {
  const quartiles = (spread.quantiles[2] - spread.quantiles[1]) / 1.349;
  const scale = quartiles > 0 ? Math.min(spread.sd, quartiles) : spread.sd;
  return 1.06 * scale * n ** -0.2;
}

/** Weights exp(-k^2 / 2 sigma^2) for k = -reach ... reach, sigma in bins. */
function gaussianKernel(reach: number, sigma: number): Float64Array {
  return Float64Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / sigma) ** 2));
}

/** Convolution with the kernel, divided by the part of the kernel that lies inside the array. */
function smooth(counts: Float64Array, kernel: Float64Array): Float64Array {
  const reach = (kernel.length - 1) / 2;
  const out = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) {
    let sum = 0;
    let norm = 0;
    for (let j = Math.max(0, i - reach); j <= Math.min(counts.length - 1, i + reach); j++) {
      const weight = kernel[j - i + reach];
      sum += weight * counts[j];
      norm += weight;
    }
    out[i] = sum / norm;
  }
  return out;
}
