import { foldIn, InvalidArgumentError } from '@lensfield/kernels';
import { checkCount, checkStep } from '../_arguments.ts';
import { addLeaf, drawOf, startTree, type TreeOptions } from '../doubling.ts';
import { checkIntegrator, type Integrator, kickAndDrift, lastKick, velocityVerlet } from '../integrators.ts';
import { dimensionOf, type Metric, unitMetric } from '../metric.ts';
import { type NutsInfo, type NutsKernelOptions, treeSettings } from '../nuts.ts';
import { emptyPhasePoint } from '../phase-point.ts';
import type { SamplerState } from '../state.ts';
import { emptyWorkspace } from '../tree-workspace.ts';
import {
  checkPositions,
  type ManyChainsOptions,
  type ManyChainsProgress,
  type ManyChainsResult,
} from './density.ts';
import { type Draws, drawInLockstep, emptyDraws, keepDraw } from './draws.ts';
import { checkStart, type StoppingChain } from './lockstep.ts';
import { type PooledAdaptation, pooledAdaptation } from './pooled-adaptation.ts';

export interface ManyNutsOptions extends ManyChainsOptions, NutsKernelOptions {
  /** Acceptance rate to steer the step size to, in (0, 1). Default 0.8. */
  readonly targetAcceptanceRate?: number;
  /** Where the search for the step size starts; without warm-up, the step size. Default 1. */
  readonly initialStepSize?: number;
  /** The metric to start from; what is learned has a dense block of the same size. Default: unit, so that a diagonal is learned. */
  readonly initialMetric?: Metric;
  /** False keeps the initial metric. Default true. */
  readonly adaptMetric?: boolean;
}

/** Draws of many chains of NUTS, and how they went; one value for each chain where an array is given. */
export interface ManyNutsResult extends ManyChainsResult {
  /** Mean acceptance of draws after warm-up. */
  readonly acceptanceRates: Float64Array;
  /** Draws after warm-up whose trajectory diverged. */
  readonly numDivergences: Int32Array;
  /** Draws after warm-up whose trajectory could have gone on. */
  readonly numAtMaxTreeDepth: Int32Array;
  /** Integrator steps after warm-up. */
  readonly numIntegrationSteps: Int32Array;
  readonly stepSize: number;
  readonly metric: Metric;
}

/**
 * NUTS in many chains that move in lockstep: each builds a tree of its own and begins the next as soon as one is finished, and every call
 * of the density moves every chain by one step. Step size and metric are learned from all chains and shared.
 *
 * @returns A generator that stops after each call, for progress and cancelling; {@link runManyChains} runs it to the end.
 * @throws {InvalidArgumentError} if an option is out of range.
 * @throws {NumericalError} if log density or gradient is not finite where a chain starts.
 *
 * Proof: without warm-up the draws of {@link nuts} to the last bit; moments of known targets; ranks of prior draws in a Gaussian model
 * (test/many-nuts.test.ts).
 */
export function* manyNuts(
  options: ManyNutsOptions,
): Generator<ManyChainsProgress, ManyNutsResult, undefined> {
  const { numSamples, initialPositions, integrator = velocityVerlet } = options;
  const [numChains, dimension] = checkPositions('manyNuts', initialPositions);
  const adaptation = adaptationOf(options, numChains, dimension);
  checkCount('manyNuts', 'numSamples', numSamples, 1);
  checkIntegrator(integrator);
  const tree = treeSettings('manyNuts', options);
  const record = emptyRecord(numChains, numSamples, dimension);
  const calls = yield* drawInLockstep({
    ...options,
    draws: record,
    withGradients: true,
    isSampling: () => adaptation.isFinished,
    chainOf: (chain, key, start) => nutsChain({ chain, key, start, integrator, tree, adaptation, record }),
  });
  const { counts: _, acceptanceSums, ...rest } = record;
  return {
    ...rest,
    acceptanceRates: acceptanceSums.map((sum) => sum / numSamples),
    calls,
    stepSize: adaptation.stepSize,
    metric: adaptation.metric,
  };
}

interface NutsChain {
  readonly chain: number;
  readonly key: readonly [number, number];
  readonly start: Float64Array;
  readonly integrator: Integrator;
  readonly tree: Omit<TreeOptions, 'stepSize' | 'metric'>;
  readonly adaptation: PooledAdaptation;
  readonly record: Record;
}

/** Draws of a transition that began in warm-up are of warm-up, since its step size and metric were. */
function* nutsChain(options: NutsChain): StoppingChain {
  const { chain, key, start, integrator, adaptation, record } = options;
  const { kicks, drifts } = integrator;
  const workspace = emptyWorkspace(start.length);
  const point = emptyPhasePoint(start.length);
  point.position.set(start);
  yield point;
  checkStart('manyNuts', chain, point);
  const { position, logDensity, gradient } = point;
  let state: SamplerState = { position, logDensity, gradient };
  for (let draw = 0; ; draw++) {
    const { stepSize, metric, isFinished } = adaptation;
    const tree = startTree(foldIn(key, draw), state, workspace, { ...options.tree, stepSize, metric });
    while (tree.isGrowing) {
      const { end, signedStep } = tree;
      for (let stage = 0; stage < drifts.length; stage++) {
        kickAndDrift(metric, end, kicks[stage] * signedStep, drifts[stage] * signedStep);
        yield end;
      }
      addLeaf(tree, lastKick(metric, end, kicks[kicks.length - 1] * signedStep) - end.logDensity);
    }
    const [next, info] = drawOf(tree);
    state = next;
    if (!isFinished) adaptation.learn(chain, state, info.acceptanceRate);
    else if (keepTransition(record, chain, state, info)) return;
  }
}

/** Draws with how their transitions went. */
interface Record extends Draws {
  readonly acceptanceSums: Float64Array;
  readonly numDivergences: Int32Array;
  readonly numAtMaxTreeDepth: Int32Array;
  readonly numIntegrationSteps: Int32Array;
}

function emptyRecord(chains: number, draws: number, dimension: number): Record {
  return {
    ...emptyDraws(chains, draws, dimension),
    acceptanceSums: new Float64Array(chains),
    numDivergences: new Int32Array(chains),
    numAtMaxTreeDepth: new Int32Array(chains),
    numIntegrationSteps: new Int32Array(chains),
  };
}

/** True when the chain has all its draws. */
function keepTransition(record: Record, chain: number, state: SamplerState, info: NutsInfo): boolean {
  record.acceptanceSums[chain] += info.acceptanceRate;
  record.numDivergences[chain] += info.isDivergent ? 1 : 0;
  record.numAtMaxTreeDepth[chain] += info.reachedMaxTreeDepth ? 1 : 0;
  record.numIntegrationSteps[chain] += info.numIntegrationSteps;
  return keepDraw(record, chain, state);
}

function adaptationOf(options: ManyNutsOptions, numChains: number, dimension: number): PooledAdaptation {
  const { numWarmup = 100, initialStepSize = 1, targetAcceptanceRate = 0.8, adaptMetric = true } = options;
  const { initialMetric = unitMetric(dimension) } = options;
  checkCount('manyNuts', 'numWarmup', numWarmup, 0);
  checkStep('manyNuts', initialStepSize);
  if (options.integrator?.flow === 'gaussian' || initialMetric.lowRank !== undefined) {
    throw new InvalidArgumentError(
      'initialMetric',
      'hmc.manyNuts: integrator and initialMetric must be free motion in a dense block and a diagonal; ' +
        'got the flow `gaussian` or a low-rank part. Use runChains for these.',
    );
  }
  if (dimensionOf(initialMetric) !== dimension) {
    throw new InvalidArgumentError(
      'initialMetric',
      `hmc.manyNuts: initialMetric must have dimension ${dimension}; got ${dimensionOf(initialMetric)}.`,
    );
  }
  return pooledAdaptation({
    numChains,
    dimension,
    numWarmup,
    stepSize: initialStepSize,
    metric: initialMetric,
    adaptMetric,
    targetAcceptanceRate,
  });
}
