import type { Key, NdArray } from '@lensfield/contracts';
import { type ChainSummary, summarizeChains } from '@lensfield/diagnostics';
import { blockMetric, type ChainsResult, runChains } from '@lensfield/hmc';
import { foldIn } from '@lensfield/kernels';
import type { Parity, Survey } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { Progress } from '../../command-line/progress.ts';
import { SPECTRA_MODULE } from '../../spectra-module.ts';
import type { SpectraTargetOptions } from '../../spectra-target.ts';
import { chainParameters } from '../chain-parameters.ts';
import type { ObservedMap } from '../observed-map.ts';
import { requireDraws } from '../required-draws.ts';
import { largestRhat, leastEss } from '../worst-convergence.ts';
import { fitParameters, spectraOfMap } from './map-spectra.ts';
import type { SpectraFit } from './spectra-fit.ts';

export interface SpectraOptions extends ObservedMap {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly prior: JointPrior;
  readonly key: Key;
  readonly numChains: number;
  readonly numWarmup: number;
  /** Chains go on until every parameter has so many effective draws (bulk) and R-hat is at most 1.01 ... */
  readonly untilEss: number;
  /** ... or each has so many draws. */
  readonly mostSamples: number;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly progress: Progress;
}

export interface SpectraResult {
  readonly names: readonly string[];
  /** Parameters of the draws after warm-up, [chains, draws, parameters]. */
  readonly chains: NdArray<Float64Array>;
  readonly convergence: readonly ChainSummary[];
  /** The most probable parameters, and how well they fit. */
  readonly fit: SpectraFit;
  /** Pairs of bins times bands. */
  readonly numSpectra: number;
  readonly numWarmup: number;
  readonly numDivergences: number;
  readonly gradients: number;
  readonly seconds: number;
  readonly sampling: ChainsResult;
}

/** What an analysis takes unless told otherwise. */
export const SPECTRA_CHAINS = { numChains: 2, numWarmup: 400, untilEss: 2000, mostSamples: 4800 };

/** Draws of each chain between two looks at the effective size, at most: the result depends on no clock. */
const LONGEST_ROUND = 800;
const LARGEST_RHAT = 1.01;
/** Short steps: the posterior is a bent ridge, and narrower than its mean metric says where w_0 nears the end of its prior. */
const ACCEPTANCE = 0.9;
/** 63 steps: on the benchmark's map trajectories take 7 to 15. */
const MAX_TREE_DEPTH = 6;

/** Folds of the key. */
const START = 0;
const CHAINS = 1;

/**
 * What the auto and cross power spectra of one map say about the parameters: the analysis that full-field inference is measured against.
 *
 * A Gaussian likelihood of the band powers, its covariance that of Gaussian fields at the most probable parameters and fixed there (docs/decisions),
 * sampled by NUTS in the prior's unconstrained coordinates, with the inverse Fisher matrix as the first metric.
 *
 * Accuracy: of 260 simulated maps the scores scatter as the widths say, within 7 % (test/spectra/infer-spectra.test.ts). Source: arXiv
 * 2409.17975, with its bands.
 *
 * @throws {NumericalError} if there are too few draws for a result.
 */
export async function inferSpectra(options: SpectraOptions): Promise<SpectraResult> {
  const { survey, parity, prior, key } = options;
  const started = performance.now();
  const spectra = spectraOfMap(survey, parity, options);
  const { measured } = spectra;
  const fit = fitParameters(foldIn(key, START), spectra, prior);
  const { covariance } = fit;
  const target = { survey, parity, prior: prior.specification, measured, covariance };
  const sampling = await sample(options, target, fit.parameterCovariance);
  const chains = chainParameters(prior, sampling.samples);
  const sum = (f: (chain: ChainsResult['chains'][number]) => number) =>
    sampling.chains.reduce((total, chain) => total + f(chain), 0);
  const numDivergences = sum((chain) => chain.divergences.numSampling);
  requireDraws(chains, numDivergences);
  return {
    names: prior.names,
    chains,
    convergence: summarizeChains(chains, { names: prior.names }),
    fit,
    numSpectra: measured.values.length,
    numWarmup: options.numWarmup,
    numDivergences,
    gradients: sum(({ gradients }) => gradients.warmup + gradients.sampling),
    seconds: (performance.now() - started) / 1000,
    sampling,
  };
}

/** Chains that are made longer, round by round, until they are long enough. */
async function sample(
  options: SpectraOptions,
  target: SpectraTargetOptions,
  covariance: Float64Array,
): Promise<ChainsResult> {
  const { prior, key, numChains, numWarmup, untilEss, mostSamples, threads, signal } = options;
  const round = Math.min(LONGEST_ROUND, untilEss);
  const stage = options.progress.stage('power spectrum: chains', untilEss, 'effective draws');
  let resume: readonly Uint8Array[] | false = false;
  for (
    let numSamples = Math.min(round, mostSamples);
    ;
    numSamples = Math.min(numSamples + round, mostSamples)
  ) {
    const sampling: ChainsResult = await runChains({
      target: { module: SPECTRA_MODULE, export: 'spectraTarget', options: target },
      key: foldIn(key, CHAINS),
      numChains,
      workers: Math.min(numChains, threads),
      numWarmup,
      numSamples,
      sampler: { kind: 'nuts', maxTreeDepth: MAX_TREE_DEPTH },
      adaptation: {
        targetAcceptanceRate: ACCEPTANCE,
        initialMetric: blockMetric(covariance, new Float64Array(0)),
      },
      resume,
      ...(signal !== undefined && { signal }),
    });
    signal?.throwIfAborted();
    const summary = summarizeChains(chainParameters(prior, sampling.samples), { names: prior.names });
    const [ess, rhat] = [leastEss(summary), largestRhat(summary)];
    stage.update(Math.min(untilEss, Math.round(ess)), { draws: numChains * numSamples, rhat });
    if ((ess >= untilEss && rhat <= LARGEST_RHAT) || numSamples >= mostSamples) {
      stage.finish();
      return sampling;
    }
    resume = sampling.checkpoints;
  }
}
