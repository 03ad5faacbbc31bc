import type { Key, NdArray } from '@lensfield/contracts';
import { type ChainSummary, type DivergenceLocation, summarizeChains } from '@lensfield/diagnostics';
import { type ChainsResult, pooledMoments, type RunningMoments, runChains } from '@lensfield/hmc';
import { foldIn } from '@lensfield/kernels';
import type { LognormalModel, Parity, Survey } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { Progress } from '../command-line/progress.ts';
import type { ExplicitTargetOptions } from '../explicit-target.ts';
import { EXPLICIT_TARGET_MODULE } from '../explicit-target-module.ts';
import { chainParameters } from './chain-parameters.ts';
import { chainProgress } from './chain-progress.ts';
import { chainGeometry } from './chain-start.ts';
import { locateDivergences } from './divergences.ts';
import { liveConvergence } from './live-convergence.ts';
import type { ObservedMap } from './observed-map.ts';
import { requireDraws } from './required-draws.ts';
import { SAMPLERS, type SamplerName } from './samplers.ts';

export interface ExplicitOptions extends ObservedMap {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly prior: JointPrior;
  /** The simulator of that survey and parity. */
  readonly model: LognormalModel;
  readonly key: Key;
  readonly sampler: SamplerName;
  readonly numChains: number;
  readonly numWarmup: number;
  readonly numSamples: number;
  /** Wall-clock limit. */
  readonly minutes?: number;
  /** Ends the run when every parameter has so many effective draws (bulk). */
  readonly untilEss?: number;
  readonly backend: 'native' | 'wasm';
  readonly threads: number;
  readonly checkpointFolder?: string;
  /** Between two checkpoints of a chain. Default 1. */
  readonly checkpointMinutes?: number;
  /** Positions to keep for maps, in all chains together but at least one of each. Default 0: none. */
  readonly keepMaps?: number;
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly progress: Progress;
}

export interface ExplicitResult {
  readonly sampler: SamplerName;
  readonly names: readonly string[];
  /** Parameters of the draws after warm-up, [chains, draws, parameters]. */
  readonly chains: NdArray<Float64Array>;
  readonly convergence: readonly ChainSummary[];
  readonly numDivergencesWarmup: number;
  readonly numDivergences: number;
  /** Where among the parameters trajectories diverged after warm-up; empty if none did. */
  readonly divergenceLocations: readonly DivergenceLocation[];
  /** Parameters at which the coordinates of the latents linearise the model, in the order of `names`. */
  readonly linearisedAt: Float64Array;
  /** Bound on the positions that each chain kept; 0 for none. */
  readonly maxSnapshots: number;
  readonly gradients: { readonly warmup: number; readonly sampling: number };
  readonly seconds: number;
  /** Mean and variance of every coordinate: unconstrained parameters, then Wiener latents. */
  readonly moments: RunningMoments;
  /** The draws of each chain with their statistics, as the sampler left them. */
  readonly sampling: ChainsResult;
}

/** Folds of the key. */
const GEOMETRY = 0;
const CHAINS = 1;

/**
 * Explicit field-level inference: samples cosmology and every latent pixel of one map together.
 *
 * Latents are in Wiener coordinates around the most probable parameters given the map's spectra, in which they are nearly independent of one
 * another and of the parameters. The metric is dense in
 * the parameters, which the data correlate, and diagonal in the latents. Chains start from a draw of the parameters given the
 * map's spectra and from latents that fit the map at any parameters (docs/decisions).
 *
 * @throws {NumericalError} if there are too few draws after warm-up for a result, or they are all one point.
 */
export async function inferExplicit(options: ExplicitOptions): Promise<ExplicitResult> {
  const { prior, numChains, threads, key, progress } = options;
  const { sampler, adaptation } = SAMPLERS[options.sampler];
  const numParameters = prior.names.length;
  const workers = Math.min(numChains, threads);
  const started = performance.now();
  const enough = new AbortController();
  const convergence = liveConvergence(numChains, prior.names, (ess) => {
    if (options.untilEss !== undefined && ess >= options.untilEss) enough.abort();
  });
  const shown = chainProgress(progress, options, convergence);
  const maxSnapshots = snapshotsPerChain(options);
  const { linearisedAt, metric } = chainGeometry(foldIn(key, GEOMETRY), options.model, prior, options);
  const sampling = await runChains({
    target: {
      module: EXPLICIT_TARGET_MODULE,
      export: 'explicitTarget',
      options: targetOptions(options, linearisedAt, workers),
    },
    key: foldIn(key, CHAINS),
    numChains,
    workers,
    numWarmup: options.numWarmup,
    numSamples: options.numSamples,
    sampler,
    adaptation: { ...adaptation, initialMetric: metric },
    recorded: Array.from({ length: numParameters }, (_, i) => i),
    ...(options.minutes !== undefined && { minutes: options.minutes }),
    ...(maxSnapshots > 0 && { maxSnapshots }),
    ...(options.checkpointFolder !== undefined && { checkpointFolder: options.checkpointFolder }),
    ...(options.checkpointMinutes !== undefined && { checkpointMinutes: options.checkpointMinutes }),
    ...(options.resume !== undefined && { resume: options.resume }),
    signal: options.signal === undefined ? enough.signal : AbortSignal.any([options.signal, enough.signal]),
    onProgress: shown.update,
    onDraws: convergence.add,
    onWarning: progress.note,
  });
  shown.finish();
  return resultOf(options, linearisedAt, sampling, (performance.now() - started) / 1000);
}

function targetOptions(
  options: ExplicitOptions,
  linearisedAt: Float64Array,
  workers: number,
): ExplicitTargetOptions {
  const { survey, parity, prior, observation, noise, backend, threads } = options;
  return {
    survey,
    parity,
    prior: prior.specification,
    observation,
    ...(noise && { noise }),
    linearisedAt,
    backend,
    threads: Math.max(1, Math.floor(threads / workers)),
  };
}

function snapshotsPerChain({ keepMaps = 0, numChains }: ExplicitOptions): number {
  return keepMaps === 0 ? 0 : Math.max(1, Math.floor(keepMaps / numChains));
}

function resultOf(
  options: ExplicitOptions,
  linearisedAt: Float64Array,
  sampling: ChainsResult,
  seconds: number,
): ExplicitResult {
  const { prior, sampler, numWarmup } = options;
  const chains = chainParameters(prior, sampling.samples);
  const sum = (f: (chain: ChainsResult['chains'][number]) => number) =>
    sampling.chains.reduce((total, chain) => total + f(chain), 0);
  const numDivergences = sum((chain) => chain.divergences.numSampling);
  requireDraws(chains, numDivergences);
  return {
    sampler,
    names: prior.names,
    chains,
    convergence: summarizeChains(chains, { names: prior.names }),
    numDivergencesWarmup: sum((chain) => chain.divergences.numWarmup),
    numDivergences,
    divergenceLocations: locateDivergences(
      prior,
      chains,
      sampling.chains.map((chain) => chain.divergences),
      numWarmup,
    ),
    linearisedAt,
    maxSnapshots: snapshotsPerChain(options),
    gradients: {
      warmup: sum((chain) => chain.gradients.warmup),
      sampling: sum((chain) => chain.gradients.sampling),
    },
    seconds,
    moments: pooledMoments(sampling.chains.map((chain) => chain.moments)),
    sampling,
  };
}
