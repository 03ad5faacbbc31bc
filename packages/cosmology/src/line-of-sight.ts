import { cubicSpline, gaussLegendre, InvalidArgumentError } from '@lensfield/kernels';
import { type RedshiftDistribution, redshiftQuadrature } from './redshift-distribution.ts';

/** Slices along the line of sight: what baryon oscillations at k = ell / chi need, see test/spectra-engine.test.ts. */
export const DEFAULT_NUM_SLICES = 56;
/**
 * Nodes are Gaussian in u, ln(1 + z) = CORE (exp(growth u) - 1): equispaced in distance below this ln(1 + z), in its logarithm above,
 * as the oscillations at fixed multipole are.
 */
const CORE = 0.06;

/** Slices along the line of sight and what the source distributions contribute on them; independent of the cosmology. */
export interface LineOfSight {
  /** Ascending, shape [numSlices]. */
  readonly redshift: Float64Array;
  /** Weights of integrals over ln(1 + z), shape [numSlices]. */
  readonly weights: Float64Array;
  readonly numBins: number;
  /** Share of bin i behind slice s, shape [numBins, numSlices]. */
  readonly behind: Float64Array;
  /**
   * Integral of n_i / chi behind slice s is the sum over t of this times ln(1 + z_t) / chi_t; shape [numBins, numSlices,
   * numSlices + 1], where t = 0 is z = 0. Exact for any n(z) up to the spline through ln(1 + z) / chi, which is very smooth.
   */
  readonly inverseDistance: Float64Array;
}

export function createLineOfSight(
  bins: readonly RedshiftDistribution[],
  numSlices: number = DEFAULT_NUM_SLICES,
): LineOfSight {
  if (bins.length === 0 || !Number.isInteger(numSlices) || numSlices < 8) {
    throw new InvalidArgumentError(
      'bins',
      `cosmology.createLineOfSight: there must be at least 1 bin and 8 slices; got ${bins.length} and ${numSlices}. Give the source bins.`,
    );
  }
  const farthest = Math.max(...bins.map((bin) => bin.zMax));
  const rule = gaussLegendre(numSlices, 0, 1);
  const depth = Math.log1p(farthest);
  const growth = Math.log1p(depth / CORE);
  const logZ = rule.nodes.map((u) => CORE * Math.expm1(growth * u));
  const weights = rule.weights.map((w, s) => w * growth * (CORE + logZ[s]));
  const redshift = logZ.map(Math.expm1);
  const knots = Float64Array.of(0, ...logZ);
  const cardinals = Array.from(knots, (_, t) =>
    cubicSpline(
      knots,
      knots.map((_, i) => (i === t ? 1 : 0)),
    ),
  );
  const behind = new Float64Array(bins.length * numSlices);
  const inverseDistance = new Float64Array(bins.length * numSlices * (numSlices + 1));
  const sums = new Float64Array(numSlices + 1);
  bins.forEach((bin, i) => {
    const stops = Float64Array.from([...redshift, ...bin.breakpoints]).sort();
    const quadrature = redshiftQuadrature(0, bin.zMax, stops);
    let total = 0;
    sums.fill(0);
    let q = quadrature.nodes.length - 1;
    for (let s = numSlices - 1; s >= 0; s--) {
      for (; q >= 0 && quadrature.nodes[q] > redshift[s]; q--) {
        const z = quadrature.nodes[q];
        const mass = quadrature.weights[q] * bin.density(z);
        if (mass === 0) continue;
        const x = Math.log1p(z);
        total += mass;
        for (let t = 0; t <= numSlices; t++) sums[t] += (mass * cardinals[t](x)) / x;
      }
      behind[i * numSlices + s] = total;
      inverseDistance.set(sums, (i * numSlices + s) * (numSlices + 1));
    }
  });
  return { redshift, weights, numBins: bins.length, behind, inverseDistance };
}
