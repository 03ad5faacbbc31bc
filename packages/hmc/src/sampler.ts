import type { LogDensityAndGradient } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { buildHmcKernel, type HmcKernelOptions } from './hmc.ts';
import { buildNutsKernel, type NutsInfo, type NutsKernelOptions } from './nuts.ts';
import type { TransitionInfo, TransitionKernel } from './state.ts';

/** Which transition a chain uses, as plain data that can go to a worker. */
export type SamplerOptions =
  | ({ readonly kind: 'nuts' } & NutsKernelOptions)
  | ({ readonly kind: 'hmc' } & HmcKernelOptions);

/** What a chain needs of the information of either sampler. */
export type ChainTransitionInfo = TransitionInfo & Partial<NutsInfo>;

/** @throws {InvalidArgumentError} if the kind is unknown or an option is out of range. */
export function buildKernel(
  logDensityAndGradient: LogDensityAndGradient,
  dimension: number,
  sampler: SamplerOptions,
): TransitionKernel<ChainTransitionInfo> {
  if (sampler.kind === 'nuts') return buildNutsKernel(logDensityAndGradient, dimension, sampler);
  if (sampler.kind === 'hmc') return buildHmcKernel(logDensityAndGradient, dimension, sampler);
  throw new InvalidArgumentError(
    'sampler',
    `hmc.buildKernel: sampler.kind must be 'nuts' or 'hmc'; got ${JSON.stringify((sampler as { kind: unknown }).kind)}.`,
  );
}
