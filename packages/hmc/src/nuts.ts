import type { LogDensityAndGradient, SamplingAlgorithm } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { checkStep } from './_arguments.ts';
import { addLeaf, drawOf, startTree } from './doubling.ts';
import { checkIntegrator, type Integrator, integrate, velocityVerlet } from './integrators.ts';
import { dimensionOf, type Metric } from './metric.ts';
import { initState, type SamplerState, type TransitionInfo, type TransitionKernel } from './state.ts';
import { emptyWorkspace } from './tree-workspace.ts';

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

/** The transition of {@link nuts} with step size and metric left open, on buffers allocated once. */
export function buildNutsKernel(
  logDensityAndGradient: LogDensityAndGradient,
  dimension: number,
  options: NutsKernelOptions = {},
): TransitionKernel<NutsInfo> {
  const { maxTreeDepth = 10, divergenceThreshold = 1000, integrator = velocityVerlet } = options;
  checkIntegrator(integrator);
  checkTreeDepth('nuts', maxTreeDepth);
  const workspace = emptyWorkspace(dimension);

  return (key, state, stepSize, metric) => {
    const tree = startTree(key, state, workspace, { stepSize, metric, maxTreeDepth, divergenceThreshold });
    while (tree.isGrowing) {
      const { end, signedStep } = tree;
      const kinetic = integrate(logDensityAndGradient, integrator, metric, end, signedStep);
      addLeaf(tree, kinetic - end.logDensity);
    }
    return drawOf(tree);
  };
}

/** @throws {InvalidArgumentError} unless the depth is one that memory and time allow. */
export function checkTreeDepth(where: string, maxTreeDepth: number): void {
  if (Number.isSafeInteger(maxTreeDepth) && maxTreeDepth >= 1 && maxTreeDepth <= 20) return;
  throw new InvalidArgumentError(
    'maxTreeDepth',
    `hmc.${where}: maxTreeDepth must be a whole number from 1 to 20; got ${maxTreeDepth}. 10 is usual.`,
  );
}
