import { type AdaptationOptions, inGaussian, mclachlan, type SamplerOptions } from '@lensfield/hmc';

/** How a sampler of the joint density is set. */
interface SamplerRecipe {
  readonly sampler: SamplerOptions;
  readonly adaptation: AdaptationOptions;
  /** Of a draw in the middle of warm-up. */
  readonly gradientsPerDraw: number;
  readonly defaultWarmup: number;
  readonly defaultSamples: number;
  /** Range of the warm-up of a run of limited time, in draws. */
  readonly shortestWarmup: number;
  readonly longestWarmup: number;
}

/** What the first metric counts for against draws, when warm-up learns a better one. */
const METRIC_DRAWS = 20;

/** Trajectories of at most 2^6 - 1 steps: that of the reference posterior. */
const MAX_TREE_DEPTH = 6;
/** Steps of a trajectory: one and a half radians in the latents. */
const HMC_STEPS = 4;
/** Parameters turn so many times as fast as latents. */
const PARAMETER_SPEED = 1.6;
/**
 * In radians. The parameters then turn by 2.6 at most, short of the half turn after which those that the data leave to the prior are where they
 * were but for the sign, trajectory after trajectory. On small maps longer steps would be accepted.
 */
const LONGEST_STEP = 0.4;

export const SAMPLERS = {
  /* In these coordinates all but the parameters is nearly a standard normal: what moves exactly in it takes steps of half a radian. */
  hmc: {
    sampler: {
      kind: 'hmc',
      numIntegrationSteps: HMC_STEPS,
      integrator: inGaussian(mclachlan),
    },
    adaptation: {
      targetAcceptanceRate: 0.82,
      stepSizeGamma: 0.3,
      largestStepSize: LONGEST_STEP,
      adaptMetric: 'dense',
      denseSpeed: PARAMETER_SPEED,
    },
    gradientsPerDraw: HMC_STEPS * mclachlan.drifts.length,
    defaultWarmup: 400,
    defaultSamples: 2000,
    shortestWarmup: 100,
    longestWarmup: 500,
  },
  /* A draw is one step, so there are many; the metric in which the linear model is white needs no learning. */
  mclmc: {
    sampler: { kind: 'mclmc', decoherence: 4 },
    adaptation: { targetAcceptanceRate: 0.92, adaptMetric: false },
    gradientsPerDraw: 2,
    defaultWarmup: 1000,
    defaultSamples: 10_000,
    shortestWarmup: 400,
    longestWarmup: 2000,
  },
  nuts: {
    sampler: { kind: 'nuts', maxTreeDepth: MAX_TREE_DEPTH },
    adaptation: {
      targetAcceptanceRate: 0.8,
      diagonalEstimate: 'draws-and-gradients',
      shrinkageDraws: METRIC_DRAWS,
    },
    gradientsPerDraw: 2 ** MAX_TREE_DEPTH - 1,
    defaultWarmup: 400,
    defaultSamples: 1000,
    shortestWarmup: 60,
    longestWarmup: 500,
  },
} as const satisfies Record<string, SamplerRecipe>;

export type SamplerName = keyof typeof SAMPLERS;
export const SAMPLER_NAMES = Object.keys(SAMPLERS) as readonly SamplerName[];
