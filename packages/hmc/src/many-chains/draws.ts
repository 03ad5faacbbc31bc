import type { NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import type { ManyChainsOptions, ManyChainsProgress, ManyChainsResult } from './density.ts';
import { inLockstep, type StoppingChain } from './lockstep.ts';

/** Draws as they come in. */
export interface Draws {
  /** Shape [chains, draws, dimension]. */
  readonly samples: NdArray<Float64Array>;
  /** Shape [chains, draws]. */
  readonly logDensities: NdArray<Float64Array>;
  /** Draws of each chain so far. */
  readonly counts: Int32Array;
}

export function emptyDraws(chains: number, draws: number, dimension: number): Draws {
  return {
    samples: { shape: [chains, draws, dimension], data: new Float64Array(chains * draws * dimension) },
    logDensities: { shape: [chains, draws], data: new Float64Array(chains * draws) },
    counts: new Int32Array(chains),
  };
}

/** Takes a draw in; true when the chain has all its draws. */
export function keepDraw(
  { samples, logDensities, counts }: Draws,
  chain: number,
  draw: { readonly position: Float64Array; readonly logDensity: number },
): boolean {
  const [, numDraws, dimension] = samples.shape;
  const at = chain * numDraws + counts[chain]++;
  samples.data.set(draw.position, at * dimension);
  logDensities.data[at] = draw.logDensity;
  return counts[chain] === numDraws;
}

/** A run of chains that fill `draws`. */
export interface LockstepRun extends Pick<ManyChainsOptions, 'key' | 'initialPositions' | 'logDensities'> {
  readonly draws: Draws;
  readonly withGradients: boolean;
  readonly isSampling: () => boolean;
  /** Chain c from its start, with fold-in c of the key. */
  readonly chainOf: (chain: number, key: ManyChainsOptions['key'], start: Float64Array) => StoppingChain;
}

/** Lets all chains run to their last draw. Stops after each call of the density; returns how many calls there were. */
export function* drawInLockstep(
  run: LockstepRun,
): Generator<ManyChainsProgress, ManyChainsResult['calls'], undefined> {
  const { key, initialPositions, logDensities, draws, withGradients, isSampling } = run;
  const [numChains, numDraws, dimension] = draws.samples.shape;
  const chains = Array.from({ length: numChains }, (_, c) => {
    const start = Float64Array.from(initialPositions.data.subarray(c * dimension, (c + 1) * dimension));
    return run.chainOf(c, foldIn(key, c), start);
  });
  const calls = { warmup: 0, sampling: 0 };
  for (const _ of inLockstep(chains, dimension, logDensities, withGradients)) {
    calls[isSampling() ? 'sampling' : 'warmup']++;
    yield {
      calls: calls.warmup + calls.sampling,
      draws: draws.counts.reduce((sum, count) => sum + count, 0),
      total: numChains * numDraws,
    };
  }
  return calls;
}
