import type { Key } from '@lensfield/contracts';
import { foldIn, uniformFloat64 } from '@lensfield/kernels';
import type { Metric } from './metric.ts';
import { emptyPhasePoint, type PhasePoint } from './phase-point.ts';
import {
  createVectorPool,
  joinSpans,
  pointSpan,
  reversed,
  type Span,
  type VectorPool,
} from './trajectory.ts';

/** A point that may become the draw. */
export interface Candidate {
  readonly position: Float64Array;
  readonly gradient: Float64Array;
  logDensity: number;
  energy: number;
}

/** What stays the same during one transition, and its sums. */
export interface Transition {
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
export interface Workspace {
  readonly left: PhasePoint;
  readonly right: PhasePoint;
  chosen: Candidate;
  offered: Candidate;
  readonly momentum: Float64Array;
  readonly pool: VectorPool;
}

/**
 * Doubles the trajectory in random directions until it turns, diverges or has as many doublings as there are pairs of `choices` (for
 * each the direction and the acceptance of the new half). The draw is left in `workspace.chosen`; `isOpen` if it could have gone on.
 */
export function doubleUntilTurn(
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
export function errorOfLeaf(transition: Omit<Transition, 'move'>, energy: number): number {
  // A NaN, or a density of +Infinity, is a divergence: such a point can never be drawn.
  const energyError = Number.isFinite(energy) ? energy - transition.initialEnergy : Number.POSITIVE_INFINITY;
  transition.numSteps++;
  transition.acceptanceSum += Math.min(1, Math.exp(-energyError));
  transition.isDivergent = !(energyError < transition.divergenceThreshold);
  return energyError;
}

export function emptyWorkspace(dimension: number): Workspace {
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

export function keep(candidate: Candidate, point: PhasePoint, energy: number): void {
  candidate.position.set(point.position);
  candidate.gradient.set(point.gradient);
  candidate.logDensity = point.logDensity;
  candidate.energy = energy;
}

/** log(exp a + exp b) without overflow. */
export function addLogarithms(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(-Math.abs(a - b)));
}
