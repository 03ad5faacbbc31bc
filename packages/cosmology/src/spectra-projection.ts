import { localInterpolation } from './_multipole-interpolation.ts';
import type { Background } from './background.ts';
import type { BackgroundQuantity } from './background-quantity.ts';
import type { LensingKernels } from './lensing-kernels.ts';
import { JET, type LimberPower } from './limber-slice.ts';
import type { MultipoleNodes } from './multipole-nodes.ts';
import { NUM_PARAMETERS, OMEGA_B, OMEGA_C, W_0 } from './parameters.ts';

const PARTS = ['value', 'byOmegaM', 'byW0'] as const;

/** Weight, beside the largest, of slices behind the sources: with the ratio of their powers it is still far below rounding. */
const NO_WEIGHT = 1e-20;

/** Spectra of every pair of bins with their Jacobian; overwritten by the next evaluation of the engine that owns them. */
export interface ConvergenceSpectra {
  /** Dimensionless, shape [numPairs, numEll], pairs (0, 0), (0, 1), ... with i <= j. */
  readonly values: Float64Array;
  /** In the six parameters, shape [6, numPairs, numEll]. */
  readonly jacobian: Float64Array;
}

/** Pairs of bins in the order of the spectra. */
export function binPairs(numBins: number): readonly (readonly [i: number, j: number])[] {
  return Array.from({ length: numBins }, (_, i) =>
    Array.from({ length: numBins - i }, (_, j) => [i, i + j] as const),
  ).flat();
}

/** F_l^2 = (l - 1) l (l + 1) (l + 2) / (l + 1/2)^4, from the shear of a potential to its convergence on the sphere. */
export function sphericalFactor(ell: number): number {
  return ((ell - 1) * ell * (ell + 1) * (ell + 2)) / (ell + 0.5) ** 4;
}

/** Limber integral over the slices at the nodes, then interpolation of ln C in ln(ell + 1/2). */
export function createSpectraProjection(
  nodes: MultipoleNodes,
  ell: Float64Array,
  {
    numBins,
    numSlices,
    useSphericalFactor,
  }: { numBins: number; numSlices: number; useSphericalFactor: boolean },
) {
  const pairs = binPairs(numBins);
  const numEll = ell.length;
  const waves = nodes.waves.slice(nodes.first, nodes.last);
  const numNodes = waves.length;
  const interpolation = localInterpolation(
    waves.map(Math.log),
    ell.map((l) => Math.log(l + 0.5)),
  );
  /** ln of 2 pi^2 / (ell + 1/2)^3, which turns dimensionless power into P / chi^3. */
  const logFactor = waves.map((x) => Math.log(2 * Math.PI * Math.PI) - 3 * Math.log(x));
  const factor = ell.map((l) => (useSphericalFactor ? sphericalFactor(l) : 1));
  /** Weight of each slice in a pair's spectrum and its derivatives in omega_m and w_0. */
  const weight = [0, 1, 2].map(() => new Float64Array(numSlices));
  /** ln C and its derivatives at the nodes, shape [7, numNodes], of one pair. */
  const atNodes = new Float64Array(JET * numNodes);
  const spectra: ConvergenceSpectra = {
    values: new Float64Array(pairs.length * numEll),
    jacobian: new Float64Array(NUM_PARAMETERS * pairs.length * numEll),
  };

  /** Weights of the slices in the spectrum of bins i and j: q_i q_j chi dchi, and its derivatives. */
  const fillWeights = (
    i: number,
    j: number,
    { efficiency, thickness }: LensingKernels,
    chi: BackgroundQuantity,
  ) => {
    for (let d = 0; d < 3; d++) {
      const out = weight[d];
      const [e, t, c] = [efficiency, thickness, chi].map((quantity) => quantity[PARTS[d]]);
      for (let s = 0; s < numSlices; s++) {
        const qi = efficiency.value[i * numSlices + s];
        const qj = efficiency.value[j * numSlices + s];
        const x = chi.value[s];
        const volume = x * x * x * thickness.value[s];
        if (d === 0) out[s] = volume * qi * qj;
        else {
          const volumeSlope = (3 * c[s]) / x + t[s] / thickness.value[s];
          const pairSlope = e[i * numSlices + s] * qj + qi * e[j * numSlices + s];
          out[s] = volume * (qi * qj * volumeSlope + pairSlope);
        }
      }
    }
  };

  /** Slices in front of which all weight lies but for rounding. */
  const countSlices = () => {
    const w = weight[0];
    const largest = w.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    let count = numSlices;
    while (count > 1 && Math.abs(w[count - 1]) < NO_WEIGHT * largest) count--;
    return count;
  };

  /** Sums over the first `count` slices of one pair at node e: ln C and its logarithmic derivatives. */
  const projectNode = (e: number, power: Float64Array, count: number) => {
    const w = weight[0];
    const wByOmegaM = weight[1];
    const wByW0 = weight[2];
    let c = 0;
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    let c4 = 0;
    let c5 = 0;
    let byOmegaM = 0;
    let byW0 = 0;
    let at = (nodes.first + e) * numSlices * JET;
    for (let s = 0; s < count; s++, at += JET) {
      const ws = w[s];
      const p = power[at];
      c += ws * p;
      byOmegaM += wByOmegaM[s] * p;
      byW0 += wByW0[s] * p;
      c0 += ws * power[at + 1];
      c1 += ws * power[at + 2];
      c2 += ws * power[at + 3];
      c3 += ws * power[at + 4];
      c4 += ws * power[at + 5];
      c5 += ws * power[at + 6];
    }
    atNodes[e] = Math.log(c) + logFactor[e];
    atNodes[numNodes * (1 + OMEGA_C) + e] = (c0 + byOmegaM) / c;
    atNodes[numNodes * (1 + OMEGA_B) + e] = (c1 + byOmegaM) / c;
    atNodes[numNodes * 3 + e] = c2 / c;
    atNodes[numNodes * 4 + e] = c3 / c;
    atNodes[numNodes * 5 + e] = c4 / c;
    atNodes[numNodes * (1 + W_0) + e] = (c5 + byW0) / c;
  };

  const interpolate = (pair: number) => {
    const { numPoints, first, weights } = interpolation;
    for (let l = 0; l < numEll; l++) {
      const out = pair * numEll + l;
      let value = 0;
      for (let d = 0; d < JET; d++) {
        const from = d * numNodes + first[l];
        let sum = 0;
        for (let a = 0; a < numPoints; a++) sum += weights[l * numPoints + a] * atNodes[from + a];
        if (d > 0) spectra.jacobian[(d - 1) * pairs.length * numEll + out] = sum * value;
        else {
          value = factor[l] * Math.exp(sum);
          spectra.values[out] = value;
        }
      }
    }
  };

  const evaluate = (
    power: LimberPower,
    kernels: LensingKernels,
    { comovingDistance }: Background,
  ): ConvergenceSpectra => {
    pairs.forEach(([i, j], pair) => {
      fillWeights(i, j, kernels, comovingDistance);
      const count = countSlices();
      for (let e = 0; e < numNodes; e++) projectNode(e, power.nonlinear, count);
      interpolate(pair);
    });
    return spectra;
  };
  return { evaluate };
}
