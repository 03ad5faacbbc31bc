import type { Metric } from '../metric.ts';
import type { SamplerState } from '../state.ts';
import { whitenGradient, whitenPosition } from '../white-coordinates.ts';

/** What the trajectory length is learned from: where a transition proposed to go. */
export interface Proposal {
  /** Valid until the next transition. */
  readonly position: Float64Array;
  /** At the proposal, at the end of the trajectory. */
  readonly momentum: Float64Array;
  /** Length of the trajectory in time, over the length that was asked for: the jitter. */
  readonly share: number;
}

/** Plain data, updated in place. */
export interface TrajectoryLengthState {
  /** The length that trajectories have now, in time. */
  length: number;
  /** Averages of the logarithm: the length to use when adaptation ends. */
  averageLogLength: number;
  count: number;
  /** Running mean square of the criterion's slope. */
  slopeSquare: number;
  /** Running mean of the positions, shape [dimension], and how many it holds. */
  readonly mean: Float64Array;
  meanCount: number;
}

/** Change of the log length in a step of Adam, and its memory of slopes: those of Hoffman et al. */
const RATE = 0.025;
const SLOPE_MEMORY = 0.95;
/** Exponent of forgetting in the average of log lengths. */
const FORGETTING = 0.5;
/** Draws after which a position counts a 1 / e in the mean. */
const MEAN_MEMORY = 200;
/** Draws before the mean is one. */
const FIRST_DRAWS = 10;

export function initTrajectoryLength(dimension: number, length: number): TrajectoryLengthState {
  return {
    length,
    averageLogLength: Math.log(length),
    count: 0,
    slopeSquare: 0,
    mean: new Float64Array(dimension),
    meanCount: 0,
  };
}

/**
 * When the metric changes, and with it the unit of time: keeps the length over the size of the target, as the distance of `position` from
 * the mean tells it, and forgets the slopes of the old units.
 */
export function rescaleTrajectoryLength(
  state: TrajectoryLengthState,
  before: Metric,
  after: Metric,
  position: Float64Array,
): void {
  const sizeIn = (metric: Metric) =>
    Math.sqrt(whiteDistance(metric, position, state.mean).reduce((sum, x) => sum + x * x, 0));
  const factor = sizeIn(after) / sizeIn(before);
  if (factor > 0 && Number.isFinite(factor)) state.length = Math.exp(state.averageLogLength) * factor;
  state.averageLogLength = Math.log(state.length);
  state.count = 0;
  state.slopeSquare = 0;
}

/**
 * Learns from one transition of one chain: a step of Adam on the logarithm of the length, up the slope of the rate
 *
 *   E[(|q' - m|^2 - |q - m|^2)^2] / length,
 *
 * the change in the squared distance from the mean m that a trajectory makes for its price; distances are those of the metric. The
 * expectation is over successive draws of the chain, m a running mean, each proposal weighted by its acceptance.
 *
 * @param most  Longest length allowed.
 *
 * Proof: the best length of a Gaussian to 25 % from one chain (test/trajectory-length.test.ts).
 * Source: Hoffman, Radul & Sountsov (2021), "An adaptive-MCMC scheme for setting trajectory lengths in Hamiltonian Monte Carlo",
 * section 3; the price in the denominator and the single chain as in Sountsov & Hoffman (2021), arXiv 2110.11576.
 */
export function updateTrajectoryLength(
  state: TrajectoryLengthState,
  metric: Metric,
  before: SamplerState,
  proposal: Proposal,
  acceptanceRate: number,
  most: number,
): void {
  const slope = slopeOf(state, metric, before, proposal) * acceptanceRate;
  addToMean(state, before.position);
  if (state.meanCount <= FIRST_DRAWS || !Number.isFinite(slope)) return;
  state.count++;
  state.slopeSquare = SLOPE_MEMORY * state.slopeSquare + (1 - SLOPE_MEMORY) * slope * slope;
  const size = Math.sqrt(state.slopeSquare / (1 - SLOPE_MEMORY ** state.count));
  if (size === 0) return;
  state.length = Math.min(most, state.length * Math.exp((RATE * slope) / size));
  const weight = state.count ** -FORGETTING;
  state.averageLogLength = weight * Math.log(state.length) + (1 - weight) * state.averageLogLength;
}

/** Slope of one term of the criterion in the log length, times the length: with D the change, 2 D dD/dlog(length) - D^2. */
function slopeOf(
  { mean, length }: TrajectoryLengthState,
  metric: Metric,
  { position }: SamplerState,
  proposal: Proposal,
): number {
  const start = whiteDistance(metric, position, mean);
  const end = whiteDistance(metric, proposal.position, mean);
  const velocity = new Float64Array(mean.length);
  whitenGradient(metric, proposal.momentum, velocity);
  let [change, along] = [0, 0];
  for (let i = 0; i < mean.length; i++) {
    change += end[i] * end[i] - start[i] * start[i];
    along += end[i] * velocity[i];
  }
  return 2 * change * (2 * along * proposal.share * length) - change * change;
}

function whiteDistance(metric: Metric, position: Float64Array, mean: Float64Array): Float64Array {
  const difference = position.map((value, i) => value - mean[i]);
  const white = new Float64Array(mean.length);
  whitenPosition(metric, difference, white);
  return white;
}

function addToMean(state: TrajectoryLengthState, position: Float64Array): void {
  state.meanCount++;
  const share = 1 / Math.min(state.meanCount, MEAN_MEMORY);
  for (let i = 0; i < position.length; i++) state.mean[i] += share * (position[i] - state.mean[i]);
}
