import type { LogDensityAndGradient, SamplingAlgorithm } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { checkJitter, checkStep } from './_arguments.ts';
import { addLeaf, drawOf, startTree, type TreeOptions } from './doubling.ts';
import { checkIntegrator, type Integrator, integrate, velocityVerlet } from './integrators.ts';
import { dimensionOf, type Metric } from './metric.ts';
import { initState, type SamplerState, type TransitionInfo, type TransitionKernel } from './state.ts';
import { emptyWorkspace } from './tree-workspace.ts';

export interface NutsKernelOptions {
  /** A trajectory has at most 2^maxTreeDepth - 1 steps. Default 10. */
  readonly maxTreeDepth?: number;
  /**
   * Share by which the step size varies from draw to draw, in [0, 1). Default 0.2: the points of a trajectory are a power of two, so that
   * chains whose steps differ by a per cent may have trajectories that differ twofold, and the effective size of all is near that of the slowest.
   */
  readonly jitter?: number;
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
  const { integrator = velocityVerlet } = options;
  checkIntegrator(integrator);
  const settings = treeSettings('nuts', options);
  const workspace = emptyWorkspace(dimension);

  return (key, state, stepSize, metric) => {
    const tree = startTree(key, state, workspace, { ...settings, stepSize, metric });
    while (tree.isGrowing) {
      const { end, signedStep } = tree;
      const kinetic = integrate(logDensityAndGradient, integrator, metric, end, signedStep);
      addLeaf(tree, kinetic - end.logDensity);
    }
    return drawOf(tree);
  };
}

/**
 * Options of trees with their defaults.
 *
 * @throws {InvalidArgumentError} if the depth is more than memory and time allow, or the jitter no share.
 */
export function treeSettings(
  where: string,
  { maxTreeDepth = 10, jitter = 0.2, divergenceThreshold = 1000 }: NutsKernelOptions,
): Omit<TreeOptions, 'stepSize' | 'metric'> {
  checkJitter(where, jitter);
  if (!Number.isSafeInteger(maxTreeDepth) || maxTreeDepth < 1 || maxTreeDepth > 20) {
    throw new InvalidArgumentError(
      'maxTreeDepth',
      `hmc.${where}: maxTreeDepth must be a whole number from 1 to 20; got ${maxTreeDepth}. 10 is usual.`,
    );
  }
  return { maxTreeDepth, jitter, divergenceThreshold };
}
