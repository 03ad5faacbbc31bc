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

/** What stays the same during one transition, and the buffers it works on. */
interface Transition {
  readonly move: (point: PhasePoint, stepSize: number) => void;
  readonly energyOf: (point: PhasePoint) => number;
  readonly metric: Metric;
  readonly pool: VectorPool;
  readonly divergenceThreshold: number;
  readonly initialEnergy: number;
  acceptanceSum: number;
  numSteps: number;
  isDivergent: boolean;
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
  const ends = [emptyPhasePoint(dimension), emptyPhasePoint(dimension)] as const;
  let chosen = emptyCandidate(dimension);
  let offered = emptyCandidate(dimension);
  const momentum = new Float64Array(dimension);
  const pool = createVectorPool(dimension);

  return (key: Key, state: SamplerState, stepSize: number, metric: Metric) => {
    const [momentumKey, treeKey, leafKey] = splitKey(key, 3);
    const choices = uniformFloat64(treeKey, 2 * maxTreeDepth);
    drawMomentum(momentumKey, metric, momentum);
    for (const end of ends) placeAt(end, state, momentum);
    resetPool(pool);
    const energyOf = (point: PhasePoint) => kineticEnergy(metric, point.momentum) - point.logDensity;
    const initialEnergy = energyOf(ends[0]);
    const transition: Transition = {
      move: (point, step) => integrate(logDensityAndGradient, integrator, metric, point, step),
      energyOf,
      metric,
      pool,
      divergenceThreshold,
      initialEnergy,
      acceptanceSum: 0,
      numSteps: 0,
      isDivergent: false,
    };
    keep(chosen, ends[0], initialEnergy);

    let span = pointSpan(pool, momentum);
    let isForward = true;
    let logWeight = 0;
    let depth = 0;
    let isTurning = false;
    while (depth < maxTreeDepth && !isTurning) {
      const goesForward = choices[2 * depth] < 0.5;
      if (goesForward !== isForward) span = reversed(span);
      isForward = goesForward;
      const subtree = growSubtree(
        transition,
        ends[isForward ? 1 : 0],
        isForward ? stepSize : -stepSize,
        uniformFloat64(foldIn(leafKey, depth), 2 ** depth),
        offered,
      );
      if (subtree === undefined) break;
      // Biased progressive sampling: the new half is preferred, which moves further than a plain multinomial draw.
      if (Math.log(choices[2 * depth + 1]) < subtree.logWeight - logWeight)
        [chosen, offered] = [offered, chosen];
      logWeight = addLogarithms(logWeight, subtree.logWeight);
      ({ span, isTurning } = joinSpans(metric, pool, span, subtree.span));
      depth++;
    }
    return [stateOf(chosen), infoOf(transition, chosen, depth, depth === maxTreeDepth && !isTurning)];
  };
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
    transition.move(end, stepSize);
    const energy = transition.energyOf(end);
    // A NaN, or a density of +Infinity, is a divergence: such a point can never be drawn.
    const energyError = Number.isFinite(energy)
      ? energy - transition.initialEnergy
      : Number.POSITIVE_INFINITY;
    transition.numSteps++;
    transition.acceptanceSum += Math.min(1, Math.exp(-energyError));
    if (!(energyError < transition.divergenceThreshold)) {
      transition.isDivergent = true;
      return undefined;
    }
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
