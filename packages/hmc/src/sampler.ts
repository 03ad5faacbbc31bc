import type { Key, LogDensityAndGradient } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import type { AdaptationOptions } from './adaptation/adaptation-options.ts';
import { type AdjustedMclmcKernelOptions, buildAdjustedMclmcKernel } from './adjusted-mclmc.ts';
import { type AdaptedHmcKernelOptions, buildHmcKernel, type HmcInfo, type HmcKernelOptions } from './hmc.ts';
import { initMclmc, type MclmcState } from './mclmc.ts';
import { buildNutsKernel, type NutsInfo, type NutsKernelOptions } from './nuts.ts';
import { initState, type SamplerState, type TransitionInfo, type TransitionKernel } from './state.ts';

/** Which transition a chain uses, as plain data that can go to a worker. `mclmc` is its Metropolis-adjusted form. */
export type SamplerOptions =
  | ({ readonly kind: 'nuts' } & NutsKernelOptions)
  | ({ readonly kind: 'hmc' } & (HmcKernelOptions | AdaptedHmcKernelOptions))
  | ({ readonly kind: 'mclmc' } & AdjustedMclmcKernelOptions);

/** What a chain needs of the information of any sampler. */
export type ChainTransitionInfo = TransitionInfo & Partial<NutsInfo> & Pick<HmcInfo, 'proposal'>;

/** @throws {InvalidArgumentError} if the kind is unknown or an option is out of range. */
export function buildKernel(
  logDensityAndGradient: LogDensityAndGradient,
  dimension: number,
  sampler: SamplerOptions,
): TransitionKernel<ChainTransitionInfo> {
  if (sampler.kind === 'nuts') return buildNutsKernel(logDensityAndGradient, dimension, sampler);
  if (sampler.kind === 'hmc') return buildHmcKernel(logDensityAndGradient, dimension, sampler);
  if (sampler.kind === 'mclmc') {
    const kernel = buildAdjustedMclmcKernel(logDensityAndGradient, dimension, sampler);
    return (key, state, stepSize, metric) => kernel(key, state as MclmcState, stepSize, metric);
  }
  throw new InvalidArgumentError(
    'sampler',
    `hmc.buildKernel: sampler.kind must be 'nuts', 'hmc' or 'mclmc'; got ${JSON.stringify((sampler as { kind: unknown }).kind)}.`,
  );
}

/**
 * Warm-up options with the defaults of a sampler. A draw of MCLMC is one step, which tells the acceptance of one point: a fifth of the draws
 * goes to the step size, where fifty would leave it at random. Its steps are as short as the steepest coordinate asks, and the gradients say
 * which that is.
 */
export function adaptationFor({ kind }: SamplerOptions, options: AdaptationOptions = {}): AdaptationOptions {
  if (kind !== 'mclmc') return options;
  return { stepSizeShare: 0.2, diagonalEstimate: 'draws-and-gradients', ...options };
}

/** Where a chain of that sampler starts; the key decides its direction, if it has one. */
export function startOf(
  logDensityAndGradient: LogDensityAndGradient,
  position: Float64Array,
  key: Key,
  { kind }: SamplerOptions,
): SamplerState {
  return kind === 'mclmc'
    ? initMclmc(logDensityAndGradient, position, key)
    : initState(logDensityAndGradient, position);
}
