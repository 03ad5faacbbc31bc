import { gaussLegendre, NumericalError } from '@lensfield/kernels';
import { createSplineFilter, createWarpedGrid, type WarpedGrid } from './_warped-spline.ts';
import { fillTransfer, transferNodes } from './eisenstein-hu.ts';
import { type Cosmology, H_0, N_S, NUM_PARAMETERS, OMEGA_B, OMEGA_C, SIGMA_8 } from './parameters.ts';

/** Range and spacing in ln k (k in h/Mpc); the transfer function between nodes is right to 5e-5 below k = 1e4 (test/matter-power.test.ts). */
const GRID = {
  minLogK: Math.log(1e-5),
  maxLogK: Math.log(2.5e4),
  baseSpacing: 0.2,
  peakSpacing: 0.024,
  centre: Math.log(0.25),
  width: 1.6,
};

/** Parameters in which the shape of the linear spectrum varies. Order of {@link LinearPowerTable.spectrum} after its value. */
export const SHAPE_PARAMETERS = [OMEGA_C, OMEGA_B, H_0, N_S] as const;

/** Range of the sigma_8 integral: all k that matter, or ln k = -4 ... 3 as in jax_cosmo (its spectrum is 0.2 to 0.8 % high). */
export type Sigma8Integral = 'full' | 'jax-cosmo';

/** The linear spectrum of one cosmology as a table; overwritten by the next evaluation of the plan that owns it. */
export interface LinearPowerTable {
  readonly grid: WarpedGrid;
  /** Spline coefficients of T(ln k), shape [nodes + 2, 4]: T and its derivatives in omega_c, omega_b, h. */
  readonly coefficients: Float64Array;
  /** Contribution of each node to the variance, k^(3 + n_s) T^2 / (2 pi^2), and its derivatives; shape [5, nodes], not normalised. */
  readonly spectrum: Float64Array;
  /** ln A for which A k^(3 + n_s) T^2 / (2 pi^2) has the wanted sigma_8, with derivatives in the six parameters. */
  readonly logAmplitude: number;
  readonly logAmplitudeBy: Float64Array;
  /** ln of sigma_8^2 / A: A is for sigma_8, A / sigma_8^2 for a unit variance. Derivatives in {@link SHAPE_PARAMETERS}. */
  readonly logVariance: number;
  readonly logVarianceBy: Float64Array;
}

/** Fourier transform of the unit top-hat sphere. */
function topHat(x: number): number {
  return x < 1e-3 ? 1 - (x * x) / 10 : (3 * (Math.sin(x) - x * Math.cos(x))) / (x * x * x);
}

/** k^(3 + n_s) T^2 / (2 pi^2) and its derivatives in the shape parameters. `transfer` [n, 4]; `out` [5, n]. */
function fillSpectrum(nS: number, logK: Float64Array, transfer: Float64Array, out: Float64Array): void {
  const n = logK.length;
  for (let j = 0; j < n; j++) {
    const t = transfer[4 * j];
    const tilt = Math.exp((3 + nS) * logK[j]) / (2 * Math.PI * Math.PI);
    out[j] = tilt * t * t;
    for (let d = 1; d < 4; d++) out[d * n + j] = 2 * tilt * t * transfer[4 * j + d];
    out[4 * n + j] = out[j] * logK[j];
  }
}

/** Plan of the variance in spheres of 8 Mpc/h over nodes of its own or over those of the table. */
function sigma8Weights(logK: Float64Array, weights: Float64Array): Float64Array {
  return weights.map((w, j) => w * topHat(8 * Math.exp(logK[j])) ** 2);
}

function integrateSpectrum(spectrum: Float64Array, weights: Float64Array, out: Float64Array): void {
  const n = weights.length;
  for (let d = 0; d < 5; d++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += spectrum[d * n + j] * weights[j];
    out[d] = sum;
  }
}

/** Variance over the range of jax_cosmo, by 160 Gauss nodes. */
function createJaxCosmoVariance() {
  const { nodes: logK, weights } = gaussLegendre(160, -4, 3);
  const nodes = transferNodes(logK.map(Math.exp));
  const window = sigma8Weights(logK, weights);
  const transfer = new Float64Array(4 * logK.length);
  const spectrum = new Float64Array(5 * logK.length);
  return (cosmology: Cosmology, out: Float64Array) => {
    fillTransfer(cosmology, nodes, transfer);
    fillSpectrum(cosmology.nS, logK, transfer, spectrum);
    integrateSpectrum(spectrum, window, out);
  };
}

/** Everything about the linear spectrum that does not depend on the cosmology. */
export function createLinearPowerPlan({ sigma8Integral }: { readonly sigma8Integral: Sigma8Integral }) {
  const grid = createWarpedGrid(GRID);
  const n = grid.logK.length;
  const nodes = transferNodes(grid.logK.map(Math.exp));
  const window = sigma8Weights(grid.logK, grid.weights);
  const jaxCosmoVariance = sigma8Integral === 'jax-cosmo' ? createJaxCosmoVariance() : undefined;
  const filter = createSplineFilter(n, 4);
  const transfer = new Float64Array(4 * n);
  const coefficients = new Float64Array(4 * (n + 2));
  const spectrum = new Float64Array(5 * n);
  const variance = new Float64Array(5);
  const logAmplitudeBy = new Float64Array(NUM_PARAMETERS);
  const logVarianceBy = new Float64Array(SHAPE_PARAMETERS.length);

  const evaluate = (cosmology: Cosmology): LinearPowerTable => {
    fillTransfer(cosmology, nodes, transfer);
    filter(transfer, coefficients);
    fillSpectrum(cosmology.nS, grid.logK, transfer, spectrum);
    if (jaxCosmoVariance) jaxCosmoVariance(cosmology, variance);
    else integrateSpectrum(spectrum, window, variance);
    if (!(variance[0] > 0 && variance[0] < Infinity)) {
      throw new NumericalError(
        'sigma_8',
        `cosmology.linearPower: the variance in spheres must be positive and finite; got ${variance[0]}. Restrict the prior to physical values.`,
      );
    }
    const logVariance = Math.log(variance[0]);
    logAmplitudeBy[SIGMA_8] = 2 / cosmology.sigma8;
    SHAPE_PARAMETERS.forEach((parameter, d) => {
      logVarianceBy[d] = variance[1 + d] / variance[0];
      logAmplitudeBy[parameter] = -logVarianceBy[d];
    });
    const logAmplitude = 2 * Math.log(cosmology.sigma8) - logVariance;
    return { grid, coefficients, spectrum, logAmplitude, logAmplitudeBy, logVariance, logVarianceBy };
  };
  return { grid, evaluate };
}

export type LinearPowerPlan = ReturnType<typeof createLinearPowerPlan>;
