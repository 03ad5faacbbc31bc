import type { NdArray } from '@lensfield/contracts';
import type { LognormalModel } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { ExplicitResult } from '../recipes/explicit.ts';
import type { ObservedMap } from '../recipes/observed-map.ts';
import { wienerDensity } from '../recipes/wiener-density.ts';
import { leastEss } from '../recipes/worst-convergence.ts';
import type { ReportConvergence, ReportCost, ReportPosterior } from '../report/report-data.ts';
import { chainsSummary, pooledDraws } from './chain-draws.ts';

export const EXPLICIT_LABEL = 'explicit';

/** What `summary.json` says. */
export function explicitSummary(result: ExplicitResult, numWarmup: number) {
  const { convergence, gradients, seconds, numDivergences, numDivergencesWarmup, divergenceLocations } =
    result;
  return {
    ...chainsSummary(result, numWarmup),
    divergences: {
      warmup: numDivergencesWarmup,
      sampling: numDivergences,
      locations: divergenceLocations,
    },
    gradients,
    essPerGradient: leastEss(convergence) / (gradients.warmup + gradients.sampling),
    seconds,
  };
}

export function explicitPosterior(result: ExplicitResult): ReportPosterior {
  return {
    label: EXPLICIT_LABEL,
    method: 'explicit',
    samples: pooledDraws(result.chains),
    effectiveSize: leastEss(result.convergence),
  };
}

export function explicitConvergence(result: ExplicitResult, numWarmup: number): ReportConvergence {
  const { chains, sampling } = result;
  return {
    label: EXPLICIT_LABEL,
    samples: chains,
    summary: result.convergence,
    numWarmup,
    divergences: result.numDivergences,
    divergenceLocations: result.divergenceLocations,
    ...(result.sampler !== 'mclmc' && { energy: energies(result) }),
    stepSize: sampling.chains.map((chain) => chain.stepSize),
    acceptanceRate: sampling.chains.map((chain) => meanOf(chain.statistics.acceptanceRate)),
    gradients: result.gradients.warmup + result.gradients.sampling,
  };
}

/** Energies of the draws, [chains, draws]; those of MCLMC, which draws no momenta, say nothing about its reach. */
function energies({ chains, sampling }: ExplicitResult): NdArray<Float64Array> {
  const [numChains, numDraws] = chains.shape as [number, number, number];
  const data = new Float64Array(numChains * numDraws);
  sampling.chains.forEach(({ statistics }, chain) => {
    data.set(statistics.energy.subarray(0, numDraws), chain * numDraws);
  });
  return { shape: [numChains, numDraws], data };
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

/** The convergence at the posterior mean of parameters and latents. */
export function reconstruction(
  model: LognormalModel,
  prior: JointPrior,
  map: ObservedMap,
  { moments, linearisedAt }: ExplicitResult,
): NdArray<Float32Array> {
  const density = wienerDensity(model, prior, map, linearisedAt);
  const mean = density.convergenceOf(moments.mean);
  density.dispose();
  return mean;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
