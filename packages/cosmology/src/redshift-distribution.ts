import { gaussLegendre, InvalidArgumentError } from '@lensfield/kernels';

/** A source redshift distribution n(z), normalised to one on [0, zMax]. */
export interface RedshiftDistribution {
  readonly density: (z: number) => number;
  readonly zMax: number;
  /** Redshifts at which n(z) has a corner or a jump; quadratures stop there. Ascending. */
  readonly breakpoints: Float64Array;
}

/** Widest panel of the five-point Gauss rule, in ln(1 + z). */
const PANEL_WIDTH = 0.02;
const PANEL_RULE = gaussLegendre(5);

/** Nodes and weights in z that integrate a smooth function times n(z) from `low` to `high`, panel by panel, ascending. */
export function redshiftQuadrature(
  low: number,
  high: number,
  breakpoints: ArrayLike<number>,
): { nodes: Float64Array; weights: Float64Array } {
  const inside = Array.from(breakpoints).filter((z) => z > low && z < high);
  const stops = [low, ...inside, high].map(Math.log1p);
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 1; i < stops.length; i++) {
    const pieces = Math.max(1, Math.ceil((stops[i] - stops[i - 1]) / PANEL_WIDTH));
    const half = (stops[i] - stops[i - 1]) / (2 * pieces);
    for (let p = 0; p < pieces; p++) {
      for (let g = 0; g < PANEL_RULE.nodes.length; g++) {
        const x = stops[i - 1] + half * (2 * p + 1 + PANEL_RULE.nodes[g]);
        nodes.push(Math.expm1(x));
        weights.push(half * PANEL_RULE.weights[g] * Math.exp(x));
      }
    }
  }
  return { nodes: Float64Array.from(nodes), weights: Float64Array.from(weights) };
}

/** Integral of f n(z) over [low, high]. */
export function integrateOverRedshift(
  f: (z: number) => number,
  {
    low,
    high,
    breakpoints,
  }: { readonly low: number; readonly high: number; readonly breakpoints: ArrayLike<number> },
): number {
  const { nodes, weights } = redshiftQuadrature(low, high, breakpoints);
  return nodes.reduce((sum, z, i) => sum + weights[i] * f(z), 0);
}

/**
 * Normalises a density that is positive somewhere on [0, zMax]; the share of it that the integral found comes along.
 *
 * @throws {InvalidArgumentError} if its integral is not positive and finite.
 */
export function normalisedDistribution(
  raw: (z: number) => number,
  zMax: number,
  breakpoints: Float64Array = new Float64Array(0),
): RedshiftDistribution & { readonly integral: number } {
  const integral = integrateOverRedshift(raw, { low: 0, high: zMax, breakpoints });
  if (!(integral > 0 && integral < Infinity)) {
    throw new InvalidArgumentError(
      'density',
      `cosmology.normalisedDistribution: the integral of n(z) must be positive and finite; got ${integral} on [0, ${zMax}]. Check its range.`,
    );
  }
  return { density: (z) => (z < 0 || z > zMax ? 0 : raw(z) / integral), zMax, breakpoints, integral };
}

export interface SmailOptions {
  /** Scale redshift. */
  readonly z0: number;
  /** Power at low redshift. */
  readonly alpha: number;
  /** Power in the exponential. */
  readonly beta: number;
  /** Highest redshift; default 10. */
  readonly zMax?: number;
}

/** n(z) proportional to z^alpha exp(-(z / z0)^beta) (Smail et al. 1994). LSST year 10: z0 0.11, alpha 2, beta 0.68. */
export function smailDistribution({ z0, alpha, beta, zMax = 10 }: SmailOptions): RedshiftDistribution {
  for (const [name, value] of Object.entries({ z0, alpha, beta, zMax })) {
    if (!(value > 0 && value < Infinity)) {
      throw new InvalidArgumentError(
        name,
        `cosmology.smailDistribution: ${name} must be positive and finite; got ${value}. LSST year 10 has z0 0.11, alpha 2, beta 0.68.`,
      );
    }
  }
  return normalisedDistribution((z) => z ** alpha * Math.exp(-((z / z0) ** beta)), zMax);
}

export interface TabulatedOptions {
  /**
   * `linear` (default): straight lines between the nodes. `histogram`: value i holds on [z_i, z_i+1); the last value is not used, as
   * in the table of sbi_lens.
   */
  readonly between?: 'linear' | 'histogram';
}

/**
 * A distribution from a table; zero outside it, normalised here.
 *
 * @param z        Ascending redshifts, not negative; shape [n], n >= 2.
 * @param density  n(z) up to a factor, not negative; shape [n].
 * @throws {InvalidArgumentError} if the shapes differ, redshifts are not ascending, or a density is negative or NaN.
 */
export function tabulatedDistribution(
  z: ArrayLike<number>,
  density: ArrayLike<number>,
  { between = 'linear' }: TabulatedOptions = {},
): RedshiftDistribution {
  const n = z.length;
  const isValid = (i: number) =>
    density[i] >= 0 && density[i] < Infinity && z[i] >= 0 && (i === 0 || z[i] > z[i - 1]);
  const wrong =
    n < 2 || density.length !== n ? 0 : Array.from({ length: n }, (_, i) => i).find((i) => !isValid(i));
  if (wrong !== undefined) {
    throw new InvalidArgumentError(
      'z',
      `cosmology.tabulatedDistribution: z must ascend from 0 or above and have one density, not negative, each; got ${n} redshifts, ${density.length} densities, z = ${z[wrong]}, n = ${density[wrong]} at index ${wrong}. Clean the table.`,
    );
  }
  const nodes = Float64Array.from(z);
  const values = Float64Array.from(density);
  const raw = (at: number) => {
    if (at < nodes[0] || at > nodes[n - 1]) return 0;
    let low = 0;
    let high = n - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (nodes[middle] <= at) low = middle;
      else high = middle;
    }
    if (between === 'histogram') return values[low];
    const u = (at - nodes[low]) / (nodes[high] - nodes[low]);
    return values[low] + u * (values[high] - values[low]);
  };
  return normalisedDistribution(raw, nodes[n - 1], nodes);
}
