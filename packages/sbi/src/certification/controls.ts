import type { FloatArray, Key, NdArray } from '@lensfield/contracts';
import { foldIn, normalQuantile } from '@lensfield/kernels';
import type { Control } from './certificate.ts';
import { holmCorrected } from './holm.ts';
import { momentsOfDraws, type PosteriorDraws, rankTests } from './rank-tests.ts';

interface Fault {
  readonly fault: string;
  /** Factor by which the posterior is too wide. */
  readonly width: number;
  /** By how many of its standard deviations the posterior lies too high, in every parameter. */
  readonly shift: number;
}

export const FAULTS: readonly Fault[] = [
  { fault: 'too wide by 20 %', width: 1.2, shift: 0 },
  { fault: 'too narrow by 20 %', width: 0.8, shift: 0 },
  { fault: 'shifted by 0.3 sd', width: 1, shift: 0.3 },
];

export interface ControlOptions {
  readonly key: Key;
  readonly draws: PosteriorDraws;
  /** Further draws of the same posteriors, shape [n, numTrials, d]. */
  readonly spare: NdArray<Float64Array>;
  /** Log densities of points [n, k, d], shape [n * k]. */
  readonly logProbMany: ((unconstrained: NdArray<Float64Array>) => Float64Array) | undefined;
  /** Significance of all rank tests together. */
  readonly level: number;
}

/** Caught in so many trials: a fault that is caught in 95 of 100 fails this in one of twelve certificates of 20 trials. */
const CAUGHT_SHARE = 0.9;

/**
 * Shows the gate posteriors that are known to be wrong: the estimator's own, in worlds whose truths were drawn from them and then moved
 * about the mean of their observation's draws. If truths are nearer by 1 / 1.2, the posterior is too wide by 1.2. So a control
 * is wrong by what it says, and by nothing else, even where the estimator itself is wrong.
 */
export function testControls(options: ControlOptions): Control[] {
  const { draws, spare, key, level } = options;
  const numTrials = spare.shape[1]!;
  const moments = momentsOfDraws(draws.samples);
  return FAULTS.map((fault, f) => {
    const moved = movedTruths(spare, moments, fault);
    const logProb = options.logProbMany?.(moved);
    const counts = new Map<string, number>();
    let numCaught = 0;
    let numTests = 0;
    for (let trial = 0; trial < numTrials; trial++) {
      const truths = {
        theta: trialOf(moved, trial),
        ...(logProb && { logProb: everyNth(logProb, numTrials, trial) }),
      };
      const { tests } = rankTests(draws, truths, foldIn(foldIn(key, f), trial), 1);
      const corrected = holmCorrected(tests.map(({ pValue }) => pValue));
      const caught = tests.filter((_, i) => corrected[i]! <= level);
      for (const { name } of caught) counts.set(name, (counts.get(name) ?? 0) + 1);
      numCaught += caught.length > 0 ? 1 : 0;
      numTests = tests.length;
    }
    return {
      fault: fault.fault,
      numCaught,
      numTrials,
      isCaught: numCaught >= CAUGHT_SHARE * numTrials,
      caughtBy: [...counts]
        .map(([test, n]) => ({ test, numCaught: n }))
        .sort((a, b) => b.numCaught - a.numCaught),
      simulationsNeeded: simulationsNeeded(fault, level / numTests),
    };
  });
}

/** Truths [n, numTrials, d] in a world where posteriors with these means and widths have the fault. */
function movedTruths(
  { shape, data }: NdArray<Float64Array>,
  { mean, sd }: { readonly mean: Float64Array; readonly sd: Float64Array },
  { width, shift }: Fault,
): NdArray<Float64Array> {
  const [, numTrials, d] = shape as [number, number, number];
  const moved = data.map((value, i) => {
    const at = Math.floor(i / (numTrials * d)) * d + (i % d);
    return mean[at]! + (value - mean[at]!) / width - shift * sd[at]!;
  });
  return { shape, data: moved };
}

function trialOf({ shape, data }: NdArray<FloatArray>, trial: number): NdArray<Float64Array> {
  const [n, numTrials, d] = shape as [number, number, number];
  const rows = new Float64Array(n * d);
  for (let i = 0; i < rows.length; i++) {
    rows[i] = data[(Math.floor(i / d) * numTrials + trial) * d + (i % d)]!;
  }
  return { shape: [n, d], data: rows };
}

function everyNth(values: Float64Array, step: number, start: number): Float64Array {
  return Float64Array.from({ length: values.length / step }, (_, i) => values[i * step + start]!);
}

/** Power that the number of simulations is asked to give. */
const POWER = 0.95;

/**
 * Simulations at which one parameter's test for shift or width, at significance `alpha`, finds the fault with probability 0.95, if the posterior
 * is Gaussian: normal scores then have mean -shift and standard deviation 1 / width, with standard errors 1 / (width sqrt(n)) and
 * 1 / (width sqrt(2 n)); for the variance twice that times 1 / width.
 */
function simulationsNeeded({ width, shift }: Fault, alpha: number): number {
  const toReject = normalQuantile(1 - alpha / 2);
  const toFind = normalQuantile(POWER);
  const variance = width ** -2;
  const n =
    width === 1
      ? ((toReject + toFind) / shift) ** 2
      : 2 * ((toReject + toFind * variance) / (1 - variance)) ** 2;
  return Math.ceil(n);
}
