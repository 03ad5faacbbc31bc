import type { Key } from '@lensfield/contracts';
import { foldIn, splitKey, uniformFloat64 } from '@lensfield/kernels';
import { jitterFactor } from './jitter.ts';
import type { Metric } from './metric.ts';
import { drawMomentum, kineticEnergy } from './momentum.ts';
import type { NutsInfo } from './nuts.ts';
import { type PhasePoint, placeAt } from './phase-point.ts';
import type { SamplerState } from './state.ts';
import { joinSpans, pointSpan, resetPool, reversed, type Span, type VectorPool } from './trajectory.ts';
import { type Candidate, keep, type Workspace } from './tree-workspace.ts';

/** What stays the same during one transition, and its sums. */
export interface Transition {
  readonly stepSize: number;
  readonly metric: Metric;
  readonly pool: VectorPool;
  readonly divergenceThreshold: number;
  readonly initialEnergy: number;
  acceptanceSum: number;
  numSteps: number;
  isDivergent: boolean;
}

/** What the tree of a transition needs beside where it starts. */
export interface TreeOptions {
  readonly stepSize: number;
  /** Share by which the step size varies from tree to tree. */
  readonly jitter: number;
  readonly metric: Metric;
  readonly maxTreeDepth: number;
  readonly divergenceThreshold: number;
}

/**
 * The tree of one transition of NUTS between two leaves: a trajectory is doubled in random directions until it turns, diverges or is as deep
 * as allowed, leaf by leaf, so that the gradient of each may be computed together with those of other chains. Updated in place.
 */
export interface GrowingTree {
  readonly transition: Transition;
  readonly workspace: Workspace;
  readonly leafKey: Key;
  /** For each doubling its direction and the acceptance of the new half. */
  readonly choices: Float64Array;
  /** The end of the trajectory that the next leaf moves, by this step. */
  end: PhasePoint;
  signedStep: number;
  isGrowing: boolean;
  /** False if the trajectory turned or diverged. */
  isOpen: boolean;
  depth: number;
  span: Span;
  logWeight: number;
  isForward: boolean;
  readonly half: NewHalf;
}

/** The half that the present doubling adds. */
interface NewHalf {
  uniforms: Float64Array;
  leaf: number;
  logWeight: number;
  /** Spans not yet joined, each twice as long as the next. */
  readonly stack: Span[];
}

/** A tree of one point: step size, momentum and choices are drawn. */
export function startTree(
  key: Key,
  state: SamplerState,
  workspace: Workspace,
  { stepSize: meanStepSize, jitter, metric, maxTreeDepth, divergenceThreshold }: TreeOptions,
): GrowingTree {
  const [momentumKey, treeKey, leafKey, stepKey] = splitKey(key, 4);
  const stepSize = meanStepSize * jitterFactor(stepKey, jitter);
  const { left, right, momentum, pool } = workspace;
  drawMomentum(momentumKey, metric, momentum);
  placeAt(left, state, momentum);
  placeAt(right, state, momentum);
  resetPool(pool);
  const initialEnergy = kineticEnergy(metric, momentum) - state.logDensity;
  keep(workspace.chosen, left, initialEnergy);
  const sums = { acceptanceSum: 0, numSteps: 0, isDivergent: false };
  const tree: GrowingTree = {
    transition: { stepSize, metric, pool, divergenceThreshold, initialEnergy, ...sums },
    workspace,
    leafKey,
    choices: uniformFloat64(treeKey, 2 * maxTreeDepth),
    end: right,
    signedStep: stepSize,
    isGrowing: true,
    isOpen: true,
    depth: 0,
    span: pointSpan(pool, momentum),
    logWeight: 0,
    isForward: true,
    half: { uniforms: momentum, leaf: 0, logWeight: 0, stack: [] },
  };
  startHalf(tree);
  return tree;
}

/**
 * Takes in the point to which `end` has moved, and its energy: it is drawn among those of its half with probability proportional to
 * exp(-energy), and spans that it completes are joined, a binary counter in place of the recursion of the original algorithm.
 */
export function addLeaf(tree: GrowingTree, energy: number): void {
  const { transition, workspace, half, end } = tree;
  const energyError = errorOfLeaf(transition, energy);
  if (transition.isDivergent) {
    stop(tree, false);
    return;
  }
  half.logWeight = addLogarithms(half.logWeight, -energyError);
  if (Math.log(half.uniforms[half.leaf]) < -energyError - half.logWeight)
    keep(workspace.offered, end, energy);
  let span = pointSpan(transition.pool, end.momentum);
  for (let finished = ++half.leaf; finished % 2 === 0; finished /= 2) {
    const joined = joinSpans(transition.metric, transition.pool, half.stack.pop()!, span);
    if (joined.isTurning) {
      stop(tree, false);
      return;
    }
    span = joined.span;
  }
  if (half.leaf === half.uniforms.length) joinHalf(tree, span);
  else half.stack.push(span);
}

/** The draw of a tree that has stopped growing. */
export function drawOf({
  transition,
  workspace,
  depth,
  isOpen,
}: GrowingTree): readonly [SamplerState, NutsInfo] {
  return [stateOf(workspace.chosen), infoOf(transition, workspace.chosen, depth, isOpen)];
}

function startHalf(tree: GrowingTree): void {
  const { workspace, transition, half, depth } = tree;
  const goesForward = tree.choices[2 * depth] < 0.5;
  if (goesForward !== tree.isForward) tree.span = reversed(tree.span);
  tree.isForward = goesForward;
  tree.end = goesForward ? workspace.right : workspace.left;
  tree.signedStep = goesForward ? transition.stepSize : -transition.stepSize;
  half.uniforms = uniformFloat64(foldIn(tree.leafKey, depth), 2 ** depth);
  half.leaf = 0;
  half.logWeight = Number.NEGATIVE_INFINITY;
  half.stack.length = 0;
}

/**
 * The draw may move to the new half, and the next half begins unless the whole turns. Biased progressive sampling: the new half is preferred,
 * which moves further than a plain multinomial draw.
 */
function joinHalf(tree: GrowingTree, halfSpan: Span): void {
  const { transition, workspace, half } = tree;
  if (Math.log(tree.choices[2 * tree.depth + 1]) < half.logWeight - tree.logWeight) {
    const { chosen, offered } = workspace;
    workspace.chosen = offered;
    workspace.offered = chosen;
  }
  tree.logWeight = addLogarithms(tree.logWeight, half.logWeight);
  const joined = joinSpans(transition.metric, transition.pool, tree.span, halfSpan);
  tree.depth++;
  if (joined.isTurning) {
    stop(tree, false);
    return;
  }
  tree.span = joined.span;
  if (2 * tree.depth === tree.choices.length) {
    stop(tree, true);
    return;
  }
  startHalf(tree);
}

function stop(tree: GrowingTree, isOpen: boolean): void {
  tree.isGrowing = false;
  tree.isOpen = isOpen;
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

/** log(exp a + exp b) without overflow. */
function addLogarithms(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(-Math.abs(a - b)));
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
