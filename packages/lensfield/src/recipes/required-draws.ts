import type { NdArray } from '@lensfield/contracts';
import { NumericalError } from '@lensfield/kernels';

/** A split R-hat and its ESS need four draws in each half. */
const FEWEST_DRAWS = 8;

/**
 * Says what is missing before anything is computed of the draws.
 *
 * @param chains  [chains, draws, parameters].
 * @throws {NumericalError} if there are too few draws for a result, or they are all one point.
 */
export function requireDraws(chains: NdArray<Float64Array>, numDivergences: number): void {
  const [numChains, numDraws, size] = chains.shape as [number, number, number];
  if (numDraws < FEWEST_DRAWS) {
    throw new NumericalError(
      'draws',
      `the chains must have ${FEWEST_DRAWS} draws after warm-up for a result; got ${numDraws}. Go on with --resume and more --minutes: the checkpoint has what was done.`,
    );
  }
  const hasMoved = chains.data.some((value, i) => value !== chains.data[i % size]);
  if (!hasMoved) {
    throw new NumericalError(
      'draws',
      `the chains must move; got ${numChains * numDraws} times the same point and ${numDivergences} divergences. Give them more --warmup, or --sampler nuts.`,
    );
  }
}
