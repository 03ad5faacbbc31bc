import type { FloatArray, NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { isWithin } from './direct-posterior.ts';
import type { JointPrior } from './joint-prior.ts';

/** Parameters of simulations and what was seen of them. */
export interface SimulationSet {
  /** Shape [n, prior.names.length]. */
  readonly theta: NdArray<FloatArray>;
  /** Shape [n, numSummaries]. */
  readonly summaries: NdArray<Float32Array>;
}

/** What became of the simulations that were given. */
export interface SimulationLedger {
  readonly numGiven: number;
  readonly numUsed: number;
  /** Left out because a parameter or a summary was not finite. */
  readonly numNotFinite: number;
  /** Left out because the prior cannot have drawn the parameters: outside the support, on a bound, or beyond 7 sd. */
  readonly numOutsidePrior: number;
}

/** Usable simulations with their parameters in the prior's unconstrained coordinates. */
export interface ValidSimulations {
  /** Shape [n, d], float32: what a flow is trained on. */
  readonly unconstrained: NdArray<Float32Array>;
  readonly theta: NdArray<Float64Array>;
  readonly summaries: NdArray<Float32Array>;
  readonly ledger: SimulationLedger;
}

/** |u| of a prior draw is below this but for one in 4e11. */
const LARGEST_UNCONSTRAINED = 7;

/**
 * Sorts out simulations that cannot be used, and counts them.
 *
 * @throws {InvalidArgumentError} if the shapes do not fit, or nothing usable is left.
 */
export function validSimulations(where: string, prior: JointPrior, set: SimulationSet): ValidSimulations {
  requireShapes(where, prior, set);
  const size = prior.names.length;
  const width = set.summaries.shape[1];
  const numGiven = set.theta.shape[0];
  const kept: number[] = [];
  const coordinates: Float64Array[] = [];
  let numNotFinite = 0;
  const inRegion = prior.region?.containsMany(set.theta);
  for (let row = 0; row < numGiven; row++) {
    const theta = Float64Array.from(set.theta.data.subarray(row * size, (row + 1) * size));
    const summary = set.summaries.data.subarray(row * width, (row + 1) * width);
    if (!theta.every(Number.isFinite) || !summary.every(Number.isFinite)) {
      numNotFinite++;
      continue;
    }
    const u = inRegion?.[row] === false ? undefined : unconstrainedOf(prior, theta);
    if (!u) continue;
    kept.push(row);
    coordinates.push(u);
  }
  const numUsed = kept.length;
  const ledger = { numGiven, numUsed, numNotFinite, numOutsidePrior: numGiven - numUsed - numNotFinite };
  if (numUsed === 0) throw nothingLeft(where, ledger);
  const pick = <T extends FloatArray>(out: T, from: FloatArray, columns: number): T => {
    kept.forEach((row, i) => {
      out.set(from.subarray(row * columns, (row + 1) * columns), i * columns);
    });
    return out;
  };
  const unconstrained = new Float32Array(numUsed * size);
  coordinates.forEach((u, i) => {
    unconstrained.set(u, i * size);
  });
  return {
    unconstrained: { shape: [numUsed, size], data: unconstrained },
    theta: { shape: [numUsed, size], data: pick(new Float64Array(numUsed * size), set.theta.data, size) },
    summaries: {
      shape: [numUsed, width],
      data: pick(new Float32Array(numUsed * width), set.summaries.data, width),
    },
    ledger,
  };
}

/** u of a point, or undefined where the prior cannot have drawn it. */
function unconstrainedOf(prior: JointPrior, theta: Float64Array): Float64Array | undefined {
  if (!isWithin(prior, theta)) return undefined;
  const u = prior.toUnconstrained(theta);
  return u.every((value) => Math.abs(value) < LARGEST_UNCONSTRAINED) ? u : undefined;
}

function requireShapes(where: string, prior: JointPrior, { theta, summaries }: SimulationSet): void {
  const size = prior.names.length;
  if (theta.shape.length !== 2 || theta.shape[1] !== size) {
    throw new InvalidArgumentError(
      'theta',
      `${where}: theta must have shape [n, ${size}] for ${prior.names.join(', ')}; got [${theta.shape.join(', ')}].`,
    );
  }
  if (summaries.shape.length !== 2 || summaries.shape[0] !== theta.shape[0] || summaries.shape[1] < 1) {
    throw new InvalidArgumentError(
      'summaries',
      `${where}: summaries must have shape [${theta.shape[0]}, numSummaries]; got [${summaries.shape.join(', ')}].`,
    );
  }
}

function nothingLeft(where: string, ledger: SimulationLedger): InvalidArgumentError {
  return new InvalidArgumentError(
    'theta',
    `${where}: simulations must be finite and drawn from the prior; got ${ledger.numGiven}, of which ${ledger.numNotFinite} are not finite and ${ledger.numOutsidePrior} outside the prior.`,
  );
}
