import { InvalidArgumentError } from '@lensfield/kernels';

/** How draws of a posterior without a sampler of its own are made. */
export type SamplingMethod = 'nuts' | 'slice' | 'importance' | 'rejection';

export interface SamplingOptions {
  /**
   * `nuts` or `slice`: many chains in lockstep. `importance`: draws of a fitted Student t, taken again by their weights. `rejection`: draws of it,
   * accepted by their weights. The last two are for few parameters and one mode. Default `nuts`.
   */
  readonly method?: SamplingMethod;
  /** Chains of `nuts` and `slice`. Default 25. */
  readonly numChains?: number;
  /** Rounds of their warm-up. Default 60. */
  readonly numWarmup?: number;
}

const METHODS: readonly string[] = ['nuts', 'slice', 'importance', 'rejection'];

/** Options with their defaults. */
export function samplingSettings(options: SamplingOptions = {}): Required<SamplingOptions> {
  const { method = 'nuts', numChains = 25, numWarmup = 60 } = options;
  if (!METHODS.includes(method)) {
    throw new InvalidArgumentError(
      'method',
      `sbi.posteriorFor: method must be nuts, slice, importance or rejection; got ${JSON.stringify(method)}.`,
    );
  }
  if (!Number.isInteger(numChains) || numChains < 2) {
    throw new InvalidArgumentError(
      'numChains',
      `sbi.posteriorFor: numChains must be a whole number of at least 2; got ${numChains}.`,
    );
  }
  return { method, numChains, numWarmup };
}
