import type { NdArray } from '@lensfield/contracts';
import type { Target } from '@lensfield/hmc';
import { foldIn, loadKernels, normalFloat64 } from '@lensfield/kernels';
import { createJointDensity, createLognormalModel, type Parity, type Survey } from '@lensfield/lognormal';
import { type PriorSpecification, priorOf } from '@lensfield/sbi';

/** Everything that a chain needs to build its own joint density in its own thread: plain data. */
export interface ExplicitTargetOptions {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly prior: PriorSpecification;
  readonly observation: NdArray<Float32Array>;
  readonly backend: 'native' | 'wasm';
  /** Cores of one chain. */
  readonly threads: number;
}

/** Prior draws that are tried before a chain gives up finding parameters that describe a universe. */
const MOST_ATTEMPTS = 100;

/**
 * The joint density of parameters and latents as a target of `runChains`. Chains start from the prior, in the latents too: none knows
 * where the truth is.
 */
export async function explicitTarget(options: ExplicitTargetOptions): Promise<Target> {
  const { survey, parity, observation, backend, threads } = options;
  const kernels = await loadKernels({ backend, threads });
  const model = createLognormalModel({ survey, kernels, parity });
  const density = createJointDensity({ model, prior: priorOf(options.prior), observation });
  const dimension = density.numParameters + density.numLatents;
  return {
    logDensityAndGradient: density.logDensityAndGradient,
    dimension,
    initialPosition(key) {
      const gradient = new Float64Array(dimension);
      let position = normalFloat64(foldIn(key, 0), dimension);
      for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt++) {
        if (density.logDensityAndGradient(position, gradient) > -Infinity) return position;
        position = normalFloat64(foldIn(key, attempt), dimension);
      }
      return position;
    },
  };
}
