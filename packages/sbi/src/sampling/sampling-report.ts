import { essBulk, essTail, rhat } from '@lensfield/diagnostics';
import type { ChainDraws } from './chain-draws.ts';
import type { SamplingMethod } from './sampling-options.ts';

/** How draws were made and what they are worth. */
export interface SamplingReport {
  readonly method: SamplingMethod;
  /** Independent draws that tell as much; of chains that of the worst parameter, in its bulk or its tails. */
  readonly effectiveSampleSize: number;
  /** Of the worst parameter; undefined where there are no chains. */
  readonly rhat: number | undefined;
  /**
   * Of NUTS the mean acceptance of trajectories, of rejection the share of draws accepted, of importance the effective share of the weighted
   * draws; 1 of the slice sampler, which refuses none.
   */
  readonly acceptanceRate: number;
  /** Trajectories of NUTS that diverged, or ended at the edge of a truncated prior. */
  readonly numDivergences: number;
  /** Points at which the network was evaluated. */
  readonly evaluations: number;
  /** What a reader of the result should know, in words; usually empty. */
  readonly warnings: readonly string[];
}

/**
 * R-hat above which chains have not mixed. Distances from the median share much with those of the draws before, which raises R-hat of halves of
 * n draws by (tau - 1) / 2n, tau draws being worth one: short chains that have mixed are allowed tau = 3.
 */
const LARGEST_RHAT = 1.05;
const rhatLimit = (numDraws: number) => LARGEST_RHAT + 2 / numDraws;
const LEAST_EFFECTIVE = 100;
const MOST_DIVERGENT = 0.01;

/** The report of chains of u [chains, draws, d]. */
export function reportOfChains(draws: ChainDraws, method: 'nuts' | 'slice'): SamplingReport {
  const [chains, numDraws, size] = draws.samples.shape;
  const columns = Array.from({ length: size }, (_, j) => ({
    shape: [chains, numDraws],
    data: Float64Array.from({ length: chains * numDraws }, (_, i) => draws.samples.data[i * size + j]),
  }));
  const effectiveSampleSize = Math.min(...columns.flatMap((column) => [essBulk(column), essTail(column)]));
  const worst = Math.max(...columns.map((column) => rhat(column)));
  const numDivergences = draws.numDivergences?.reduce((sum, count) => sum + count, 0) ?? 0;
  const acceptanceRate = draws.acceptanceRates?.reduce((sum, rate) => sum + rate / chains, 0) ?? 1;
  const warnings: string[] = [];
  if (!(worst <= rhatLimit(numDraws))) {
    warnings.push(
      `The chains have not mixed (R-hat ${worst.toFixed(3)}, above ${rhatLimit(numDraws).toFixed(2)}): the posterior may have several modes or the warm-up was too short. Raise numWarmup, or compare with another method.`,
    );
  }
  if (numDivergences > MOST_DIVERGENT * chains * numDraws) {
    warnings.push(
      `${numDivergences} of ${chains * numDraws} trajectories diverged or ended at the edge of a truncated prior: draws there are rarer than they should be found. Compare with method 'slice'.`,
    );
  }
  warnings.push(...fewEffective(effectiveSampleSize, chains * numDraws));
  const evaluations = (draws.calls.warmup + draws.calls.sampling) * chains;
  return { method, effectiveSampleSize, rhat: worst, acceptanceRate, numDivergences, evaluations, warnings };
}

/** The report of independent draws: those accepted, or those that weights leave. */
export function reportOfWeights(
  method: 'importance' | 'rejection',
  effectiveSampleSize: number,
  acceptanceRate: number,
  evaluations: number,
  exceeded = 0,
): SamplingReport {
  const warnings = [...fewEffective(effectiveSampleSize, Math.round(effectiveSampleSize / acceptanceRate))];
  if (exceeded > 0) {
    warnings.push(
      `${exceeded} draws were above the bound of the rejection sampler, which a pilot found: the posterior is too narrow there. Use method 'nuts'.`,
    );
  }
  return {
    method,
    effectiveSampleSize,
    rhat: undefined,
    acceptanceRate,
    numDivergences: 0,
    evaluations,
    warnings,
  };
}

function fewEffective(effectiveSampleSize: number, numDraws: number): string[] {
  if (effectiveSampleSize >= Math.min(LEAST_EFFECTIVE, numDraws / 5)) return [];
  return [
    `The draws are worth ${effectiveSampleSize.toFixed(0)} independent ones of ${numDraws}: widths and tails are rough. Draw more, or use another method.`,
  ];
}
