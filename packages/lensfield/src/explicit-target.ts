import type { Target } from '@lensfield/hmc';
import { loadKernels } from '@lensfield/kernels';
import { createLognormalModel, type Parity, type Survey } from '@lensfield/lognormal';
import { type PriorSpecification, priorOf } from '@lensfield/sbi';
import { chainStart } from './recipes/chain-start.ts';
import type { ObservedMap } from './recipes/observed-map.ts';
import { wienerDensity } from './recipes/wiener-density.ts';

/** Everything that a chain needs to build its own joint density in its own thread: plain data. */
export interface ExplicitTargetOptions extends ObservedMap {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly prior: PriorSpecification;
  /** Parameters around which the coordinates are; see `createJointDensity`. */
  readonly linearisedAt: Float64Array;
  readonly backend: 'native' | 'wasm';
  /** Cores of one chain. */
  readonly threads: number;
}

/** The joint density of parameters and Wiener latents as a target of `runChains`. */
export async function explicitTarget(options: ExplicitTargetOptions): Promise<Target> {
  const { survey, parity, linearisedAt, backend, threads } = options;
  const kernels = await loadKernels({ backend, threads });
  const model = createLognormalModel({ survey, kernels, parity });
  const prior = priorOf(options.prior);
  const density = wienerDensity(model, prior, options, linearisedAt);
  return {
    logDensityAndGradient: density.logDensityAndGradient,
    dimension: density.numParameters + density.numLatents,
    initialPosition: (key) => chainStart(key, model, density, prior, options),
  };
}
