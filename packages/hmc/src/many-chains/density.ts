import type { FloatArray, NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';

/**
 * Log densities of many points at once, one for each chain: row c of `positions` [chains, dimension], row-major, belongs to chain c, whose
 * density may be another than that of its neighbours. Writes each log density, up to a constant, and where `gradients` is given each
 * gradient. The arrays are reused: they must not be kept, and `positions` not changed.
 *
 * For densities that cost the same for one row as for a hundred, such as those of networks.
 */
export type ManyLogDensities = (
  positions: Float64Array,
  logDensities: Float64Array,
  gradients?: Float64Array,
) => void;

/** What samplers of many chains have in common. */
export interface ManyChainsOptions {
  readonly key: readonly [number, number];
  readonly logDensities: ManyLogDensities;
  /** Where the chains start, shape [chains, dimension]; each must have a finite log density. */
  readonly initialPositions: NdArray<FloatArray>;
  /** Rounds of warm-up: as many draws of a chain on average. Default 100. */
  readonly numWarmup?: number;
  /** Draws of each chain after warm-up. */
  readonly numSamples: number;
}

/** After each call of the density. */
export interface ManyChainsProgress {
  readonly calls: number;
  /** Draws after warm-up of all chains together, and how many there will be. */
  readonly draws: number;
  readonly total: number;
}

/** Draws after warm-up of every chain. */
export interface ManyChainsResult {
  /** Shape [chains, draws, dimension]. */
  readonly samples: NdArray<Float64Array>;
  /** Of every draw, shape [chains, draws]. */
  readonly logDensities: NdArray<Float64Array>;
  /** Calls of the density, each for all chains. */
  readonly calls: { readonly warmup: number; readonly sampling: number };
}

/** Runs a sampler of many chains to its end. */
export function runManyChains<Result>(chains: Generator<ManyChainsProgress, Result, undefined>): Result {
  for (;;) {
    const next = chains.next();
    if (next.done) return next.value;
  }
}

/** @throws {InvalidArgumentError} unless the positions are a matrix that is not empty. */
export function checkPositions(
  where: string,
  { shape, data }: NdArray<FloatArray>,
): readonly [number, number] {
  const [chains, dimension] = shape;
  if (shape.length === 2 && chains > 0 && dimension > 0 && data.length === chains * dimension)
    return [chains, dimension];
  throw new InvalidArgumentError(
    'initialPositions',
    `hmc.${where}: initialPositions must have shape [chains, dimension]; got [${shape}] with ${data.length} values.`,
  );
}
