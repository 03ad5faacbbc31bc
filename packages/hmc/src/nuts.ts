import type { Key, LogDensityAndGradient, SamplingAlgorithm } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError, splitKey, uniformFloat64 } from '@lensfield/kernels';
import { checkStep } from './_arguments.ts';
import { checkIntegrator, type Integrator, integrate, velocityVerlet } from './integrators.ts';
import { dimensionOf, drawMomentum, kineticEnergy, type Metric } from './metric.ts';
import { emptyPhasePoint, type PhasePoint, placeAt } from './phase-point.ts';
import { initState, type SamplerState, type TransitionInfo, type TransitionKernel } from './state.ts';
import {
  createVectorPool,
  joinSpans,
  pointSpan,
  resetPool,
  reversed,
  type Span,
  type VectorPool,
} from './trajectory.ts';

export interface NutsKernelOptions {
  /** A trajectory has at most 2^maxTreeDepth - 1 steps. Default 10. */
  readonly maxTreeDepth?: number;
  /** Energy error above which a trajectory counts as divergent. Default 1000. */
  readonly divergenceThreshold?: number;
  /** Default {@link velocityVerlet}. */
  readonly integrator?: Integrator;
}

export interface NutsOptions extends NutsKernelOptions {
  readonly stepSize: number;
  readonly metric: Metric;
}

export interface NutsInfo extends TransitionInfo {
  /** Doublings of the trajectory that were completed. */
  readonly treeDepth: number;
  /** True when the trajectory could have gone on: the step is too small, or the target has very different scales. */
  readonly reachedMaxTreeDepth: boolean;
}

/**
 * The no-U-turn sampler: trajectories are doubled forwards or backwards until they turn back; the draw is multinomial over their
 * points, biased towards later doublings. Iterative: no recursion, and per tree depth three vectors of memory.
 *
 * @throws {InvalidArgumentError} if an option is out of range, or a position does not fit the metric.
 *
 * Proof: against a recursive twin (test/nuts-twin.test.ts); invariance, detailed balance and moments (test/detailed-balance.test.ts,
 * test/targets.test.ts).
 * Source: Hoffman and Gelman (2014); multinomial draw and U-turn criterion of Betancourt (2017), appendix A.
 */
export function nuts(
  logDensityAndGradient: LogDensityAndGradient,
  options: NutsOptions,
): SamplingAlgorithm<SamplerState, NutsInfo> {
  const { stepSize, metric } = options;
  checkStep('nuts', stepSize);
  const kernel = buildNutsKernel(logDensityAndGradient, dimensionOf(metric), options);
  return {
    init: (position) => initState(logDensityAndGradient, position),
    step: (key, state) => kernel(key, state, stepSize, metric),
  };
}

/** A point that may become the draw. */
interface Candidate {
  readonly position: Float64Array;
  readonly gradient: Float64Array;
  logDensity: number;
  energy: number;
}

/** What stays the same during one transition, and its sums. */
interface Transition {
  /** Moves a point by one step and returns its energy. */
  readonly move: (point: PhasePoint, stepSize: number) => number;
  readonly stepSize: number;
  readonly metric: Metric;
  readonly pool: VectorPool;
  readonly divergenceThreshold: number;
  readonly initialEnergy: number;
  acceptanceSum: number;
  numSteps: number;
  isDivergent: boolean;
}

/** Buffers of a kernel: both ends of the trajectory, the draw so far and the one on offer, momenta for the U-turn tests. */
interface Workspace {
  readonly left: PhasePoint;
  readonly right: PhasePoint;
  chosen: Candidate;
  offered: Candidate;
  readonly momentum: Float64Array;
  readonly pool: VectorPool;
}

/** The transition of {@link nuts} with step size and metric left open, on buffers allocated once. */
export function buildNutsKernel(
  logDensityAndGradient: LogDensityAndGradient,
  dimension: number,
  options: NutsKernelOptions = {},
): TransitionKernel<NutsInfo> {
  const { maxTreeDepth = 10, divergenceThreshold = 1000, integrator = velocityVerlet } = options;
  checkIntegrator(integrator);
  if (!Number.isSafeInteger(maxTreeDepth) || maxTreeDepth < 1 || maxTreeDepth > 20) {
    throw new InvalidArgumentError(
      'maxTreeDepth',
      `hmc.nuts: maxTreeDepth must be a whole number from 1 to 20; got ${maxTreeDepth}. 10 is usual.`,
    );
  }
  const workspace = emptyWorkspace(dimension);

  return (key: Key, state: SamplerState, stepSize: number, metric: Metric) => {
    const [momentumKey, treeKey, leafKey] = splitKey(key, 3);
    const { left, right, momentum, pool } = workspace;
    drawMomentum(momentumKey, metric, momentum);
    placeAt(left, state, momentum);
    placeAt(right, state, momentum);
    resetPool(pool);
    const initialEnergy = kineticEnergy(metric, momentum) - state.logDensity;
    keep(workspace.chosen, left, initialEnergy);
    const transition: Transition = {
      move: (point, step) =>
        integrate(logDensityAndGradient, integrator, metric, point, step) - point.logDensity,
      stepSize,
      metric,
      pool,
      divergenceThreshold,
      initialEnergy,
      acceptanceSum: 0,
      numSteps: 0,
      isDivergent: false,
    };
    const choices = uniformFloat64(treeKey, 2 * maxTreeDepth);
    const { depth, isOpen } = doubleUntilTurn(transition, workspace, choices, leafKey);
    return [stateOf(workspace.chosen), infoOf(transition, workspace.chosen, depth, isOpen)];
  };
}

/**
 * Doubles the trajectory in random directions until it turns, diverges or has as many doublings as there are pairs of `choices` (for
 * each the direction and the acceptance of the new half). The draw is left in `workspace.chosen`; `isOpen` if it could have gone on.
 */
function doubleUntilTurn(
  transition: Transition,
  workspace: Workspace,
  choices: Float64Array,
  leafKey: Key,
): { readonly depth: number; readonly isOpen: boolean } {
  const { metric, pool, stepSize } = transition;
  let span = pointSpan(pool, workspace.momentum);
  let isForward = true;
  let logWeight = 0;
  for (let depth = 0; depth < choices.length / 2; depth++) {
    const goesForward = choices[2 * depth] < 0.5;
    if (goesForward !== isForward) span = reversed(span);
    isForward = goesForward;
    const [end, step] = isForward ? [workspace.right, stepSize] : [workspace.left, -stepSize];
    const uniforms = uniformFloat64(foldIn(leafKey, depth), 2 ** depth);
    const subtree = growSubtree(transition, end, step, uniforms, workspace.offered);
    if (subtree === undefined) return { depth, isOpen: false };
    // Biased progressive sampling: the new half is preferred, which moves further than a plain multinomial draw.
    if (Math.log(choices[2 * depth + 1]) < subtree.logWeight - logWeight) {
      const { chosen, offered } = workspace;
      workspace.chosen = offered;
      workspace.offered = chosen;
    }
    logWeight = addLogarithms(logWeight, subtree.logWeight);
    const joined = joinSpans(metric, pool, span, subtree.span);
    if (joined.isTurning) return { depth: depth + 1, isOpen: false };
    span = joined.span;
  }
  return { depth: choices.length / 2, isOpen: true };
}

/**
 * Moves `end` by one step per uniform, collecting U-turn spans and drawing one of the new points with probability proportional to
 * exp(-energy) into `offered`. Undefined if the stretch diverges or any of its balanced parts turns.
 */
function growSubtree(
  transition: Transition,
  end: PhasePoint,
  stepSize: number,
  uniforms: Float64Array,
  offered: Candidate,
): { readonly span: Span; readonly logWeight: number } | undefined {
  const { metric, pool } = transition;
  // Spans not yet joined, each twice as long as the next: a binary counter in place of the recursion of the original algorithm.
  const stack: Span[] = [];
  let logWeight = Number.NEGATIVE_INFINITY;
  for (let leaf = 0; leaf < uniforms.length; leaf++) {
    const energy = transition.move(end, stepSize);
    const energyError = errorOfLeaf(transition, energy);
    if (transition.isDivergent) return undefined;
    logWeight = addLogarithms(logWeight, -energyError);
    if (Math.log(uniforms[leaf]) < -energyError - logWeight) keep(offered, end, energy);

    let span = pointSpan(pool, end.momentum);
    for (let finished = leaf + 1; finished % 2 === 0; finished /= 2) {
      const joined = joinSpans(metric, pool, stack.pop()!, span);
      if (joined.isTurning) return undefined;
      span = joined.span;
    }
    stack.push(span);
  }
  return { span: stack[0], logWeight };
}

/** Counts a new point and returns its energy error; past the threshold the transition is divergent. */
function errorOfLeaf(transition: Transition, energy: number): number {
  // A NaN, or a density of +Infinity, is a divergence: such a point can never be drawn.
  const energyError = Number.isFinite(energy) ? energy - transition.initialEnergy : Number.POSITIVE_INFINITY;
  transition.numSteps++;
  transition.acceptanceSum += Math.min(1, Math.exp(-energyError));
  transition.isDivergent = !(energyError < transition.divergenceThreshold);
  return energyError;
}

function emptyWorkspace(dimension: number): Workspace {
  return {
    left: emptyPhasePoint(dimension),
    right: emptyPhasePoint(dimension),
    chosen: emptyCandidate(dimension),
    offered: emptyCandidate(dimension),
    momentum: new Float64Array(dimension),
    pool: createVectorPool(dimension),
  };
}

function emptyCandidate(dimension: number): Candidate {
  return {
    position: new Float64Array(dimension),
    gradient: new Float64Array(dimension),
    logDensity: Number.NaN,
    energy: Number.NaN,
  };
}

function keep(candidate: Candidate, point: PhasePoint, energy: number): void {
  candidate.position.set(point.position);
  candidate.gradient.set(point.gradient);
  candidate.logDensity = point.logDensity;
  candidate.energy = energy;
}

function stateOf({ position, logDensity, gradient }: Candidate): SamplerState {
  return { position: position.slice(), logDensity, gradient: gradient.slice() };
}

function infoOf(
  { acceptanceSum, numSteps, isDivergent, initialEnergy }: Transition,
  { energy }: Candidate,
  treeDepth: number,
  reachedMaxTreeDepth: boolean,
): NutsInfo {
  return {
    acceptanceRate: acceptanceSum / numSteps,
    numIntegrationSteps: numSteps,
    isDivergent,
    energy,
    energyError: energy - initialEnergy,
    treeDepth,
    reachedMaxTreeDepth,
  };
}

/** log(exp a + exp b) without overflow. */
function addLogarithms(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(-Math.abs(a - b)));
}
