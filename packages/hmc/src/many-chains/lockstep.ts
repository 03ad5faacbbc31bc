import { NumericalError } from '@lensfield/kernels';
import type { ManyLogDensities } from './density.ts';

/** A point whose log density a chain waits for, and its gradient where it has one. */
export interface AwaitedPoint {
  readonly position: Float64Array;
  logDensity: number;
  readonly gradient?: Float64Array;
}

/** A chain that stops at each point until its density is in it. */
export type StoppingChain<T = void> = Generator<AwaitedPoint, T, undefined>;

/**
 * Lets all chains go on from point to point at the same pace, with one call of the density for the points of all of them. Chains are not
 * held up by others: while one is at the start of a trajectory another may be at its end. A chain that has ended stays where it is.
 *
 * @returns  A generator that stops after each call and ends with the last chain.
 */
export function* inLockstep(
  chains: readonly StoppingChain[],
  dimension: number,
  logDensities: ManyLogDensities,
  withGradients: boolean,
): Generator<void, void, undefined> {
  const positions = new Float64Array(chains.length * dimension);
  const values = new Float64Array(chains.length);
  const gradients = withGradients ? new Float64Array(positions.length) : undefined;
  const rowOf = (array: Float64Array, chain: number) =>
    array.subarray(chain * dimension, (chain + 1) * dimension);
  const points: (AwaitedPoint | undefined)[] = [];
  for (;;) {
    let numAwaited = 0;
    chains.forEach((chain, c) => {
      const next = chain.next();
      points[c] = next.done ? undefined : next.value;
      if (next.done) return;
      numAwaited++;
      rowOf(positions, c).set(next.value.position);
    });
    if (numAwaited === 0) return;
    logDensities(positions, values, gradients);
    points.forEach((point, c) => {
      if (point === undefined) return;
      point.logDensity = values[c];
      if (gradients) point.gradient?.set(rowOf(gradients, c));
    });
    yield;
  }
}

/** @throws {NumericalError} unless log density and gradient are finite where a chain starts. */
export function checkStart(where: string, chain: number, { logDensity, gradient }: AwaitedPoint): void {
  const bad = gradient?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  if (Number.isFinite(logDensity) && bad < 0) return;
  throw new NumericalError(
    'logDensity',
    `hmc.${where}: log density and gradient must be finite where a chain starts; ` +
      `got ${bad < 0 ? `log density ${logDensity}` : `gradient[${bad}] = ${gradient![bad]}`} for chain ${chain}. Start inside the support.`,
  );
}
