import type { FloatArray, NdArray } from '@lensfield/contracts';
import type { ChainSummary } from '@lensfield/diagnostics';
import { summaryOf } from './summary.ts';

/** The draws of all chains as one set, [chains * draws, parameters]. */
export function pooledDraws<A extends FloatArray>({ shape, data }: NdArray<A>): NdArray<A> {
  const [numChains, numDraws, size] = shape as [number, number, number];
  return { shape: [numChains * numDraws, size], data };
}

/** Parameters of draws after warm-up, [chains, draws, parameters], and what they are worth. */
export interface SummarisedChains {
  readonly names: readonly string[];
  readonly chains: NdArray<Float64Array>;
  readonly convergence: readonly ChainSummary[];
}

/** What `summary.json` says of the draws of chains. */
export function chainsSummary({ names, chains, convergence }: SummarisedChains, numWarmup: number) {
  return {
    ...summaryOf(names, pooledDraws(chains)),
    convergence: convergence.map(({ name, rhat, essBulk, essTail }) => ({ name, rhat, essBulk, essTail })),
    chains: { count: chains.shape[0]!, draws: chains.shape[1]!, warmup: numWarmup },
  };
}
