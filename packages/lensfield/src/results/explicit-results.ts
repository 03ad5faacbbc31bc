import type { NdArray } from '@lensfield/contracts';
import type { LognormalModel } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { ExplicitResult } from '../recipes/explicit.ts';
import type { ReportConvergence, ReportCost, ReportPosterior } from '../report/report-data.ts';

export const EXPLICIT_LABEL = 'explicit';

/** All draws as one set, [chains * draws, parameters]. */
export function explicitSamples({ chains }: ExplicitResult): NdArray<Float64Array> {
  const [numChains, numDraws, size] = chains.shape as [number, number, number];
  return { shape: [numChains * numDraws, size], data: chains.data };
}

export function explicitPosterior(result: ExplicitResult): ReportPosterior {
  return {
    label: EXPLICIT_LABEL,
    method: 'explicit',
    samples: explicitSamples(result),
    effectiveSize: Math.min(...result.convergence.map(({ essBulk }) => essBulk)),
  };
}

export function explicitConvergence(result: ExplicitResult, numWarmup: number): ReportConvergence {
  const { chains, sampling } = result;
  const [numChains, numDraws] = chains.shape as [number, number, number];
  const energy = new Float64Array(numChains * numDraws);
  sampling.chains.forEach((chain, c) => {
    energy.set(chain.statistics.energy.subarray(0, numDraws), c * numDraws);
  });
  return {
    label: EXPLICIT_LABEL,
    samples: chains,
    summary: result.convergence,
    numWarmup,
    divergences: result.numDivergences,
    energy: { shape: [numChains, numDraws], data: energy },
    stepSize: sampling.chains.map((chain) => chain.stepSize),
    acceptanceRate: sampling.chains.map((chain) => meanOf(chain.statistics.acceptanceRate)),
    gradients: result.gradients.warmup + result.gradients.sampling,
  };
}

export function explicitCosts(result: ExplicitResult): ReportCost[] {
  const { gradients, seconds } = result;
  return [
    {
      stage: 'explicit: chains, warm-up included',
      seconds,
      gradients: gradients.warmup + gradients.sampling,
    },
  ];
}

/** The convergence of the posterior mean of the latents at the posterior mean of the parameters. */
export function reconstruction(
  model: LognormalModel,
  prior: JointPrior,
  { moments }: ExplicitResult,
): NdArray<Float32Array> {
  const numParameters = prior.names.length;
  const { theta } = prior.fromUnconstrained(moments.mean.slice(0, numParameters));
  return model.convergence(prior.complete(theta), moments.mean.subarray(numParameters));
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
