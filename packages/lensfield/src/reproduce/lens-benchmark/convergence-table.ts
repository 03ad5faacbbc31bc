import type { Key, NdArray } from '@lensfield/contracts';
import { c2st, summarizeChains } from '@lensfield/diagnostics';
import { foldIn, type Kernels, normalFloat64, uniformFloat64 } from '@lensfield/kernels';
import { leastEss } from '../../recipes/worst-convergence.ts';
import { pooledDraws } from '../../results/chain-draws.ts';
import type { FinishedRun } from './finished-run.ts';
import { PUBLISHED_CONVERGENCE, SIMULATIONS_PER_GRADIENT } from './published.ts';

/** The first draws of every chain, and how far they have come. */
export interface ConvergenceRow {
  /** Of all chains, warm-up left out, as the paper counts. */
  readonly simulations: number;
  readonly draws: number;
  readonly c2st: number;
  readonly c2stStandardError: number;
  /** Smallest effective size (bulk) of a parameter. */
  readonly ess: number;
}

export interface ConvergenceOptions {
  readonly kernels: Kernels;
  readonly key: Key;
  /** Draws of the reference posterior, [m, parameters]. */
  readonly reference: NdArray<Float32Array>;
  /** Draws that the classifier sees of each side. */
  readonly classifierDraws: number;
  readonly onRow?: (row: ConvergenceRow, index: number) => void;
}

/** Fewest draws of a chain of which effective sizes can be told. */
const FEWEST_DRAWS = 8;

/**
 * C2ST against a reference and least effective size of a run at the simulations of the paper's table, as far as the run goes, and of the whole
 * run. All chains count, each with the same number of first draws.
 */
export function convergenceTable(run: FinishedRun, options: ConvergenceOptions): ConvergenceRow[] {
  const [numChains, numDraws] = run.chains.shape as [number, number, number];
  const perDraw = (SIMULATIONS_PER_GRADIENT * run.gradients.sampling) / (numChains * numDraws);
  const lengths = PUBLISHED_CONVERGENCE.map(({ simulations }) =>
    Math.floor(simulations / (perDraw * numChains)),
  ).filter((length) => length >= FEWEST_DRAWS && length < numDraws);
  return [...lengths, numDraws].map((length, index) => {
    const row = rowOf(run, length, perDraw, { ...options, key: foldIn(options.key, index) });
    options.onRow?.(row, index);
    return row;
  });
}

function rowOf(
  { chains, names }: FinishedRun,
  length: number,
  simulationsPerDraw: number,
  { kernels, key, reference, classifierDraws }: ConvergenceOptions,
): ConvergenceRow {
  const first = firstDraws(chains, length);
  const pooled = pooledDraws(first);
  const draws = pooled.shape[0]!;
  const samples = enoughDraws(pooled, classifierDraws, foldIn(key, RESAMPLING));
  const { accuracy, standardError } = c2st({
    kernels,
    samples,
    reference,
    key: foldIn(key, CLASSIFIER),
    maxSamples: classifierDraws,
  });
  return {
    simulations: Math.round(draws * simulationsPerDraw),
    draws,
    c2st: accuracy,
    c2stStandardError: standardError,
    ess: leastEss(summarizeChains(first, { names })),
  };
}

/** Folds of the key of a row. */
const RESAMPLING = 0;
const CLASSIFIER = 1;

function firstDraws({ shape, data }: NdArray<Float32Array>, length: number): NdArray<Float32Array> {
  const [numChains, numDraws, size] = shape as [number, number, number];
  const first = new Float32Array(numChains * length * size);
  for (let chain = 0; chain < numChains; chain++) {
    const start = chain * numDraws * size;
    first.set(data.subarray(start, start + length * size), chain * length * size);
  }
  return { shape: [numChains, length, size], data: first };
}

/** Of the paper's kernel density, in the units of the parameters. */
const SMOOTHING = 1e-3;

/** The draws themselves where they are enough; else, as the paper does, draws with replacement from a narrow kernel density of them. */
function enoughDraws(samples: NdArray<Float32Array>, count: number, key: Key): NdArray<Float32Array> {
  const [n, size] = samples.shape as [number, number];
  if (n >= count) return samples;
  const rows = uniformFloat64(foldIn(key, 0), count);
  const noise = normalFloat64(foldIn(key, 1), count * size);
  const data = Float32Array.from(noise, (z, i) => {
    const row = Math.floor(rows[Math.floor(i / size)]! * n);
    return samples.data[row * size + (i % size)]! + SMOOTHING * z;
  });
  return { shape: [count, size], data };
}
