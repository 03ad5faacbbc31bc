import type { Key } from '@lensfield/contracts';
import { foldIn, uniformFloat64 } from '@lensfield/kernels';
import type { JointPrior } from '@lensfield/sbi';
import { finiteOr } from '../finite-or.ts';

/** Prior draws of which the spectra pick one. */
const NUM_CANDIDATES = 200;
/** Folds of the key. */
const CANDIDATES = 0;
const PICK = 1;

/** One of many prior draws of the free parameters, with probability in proportion to a likelihood of all parameters. */
export function pickBySpectra(
  key: Key,
  logLikelihood: (theta: Float64Array) => number,
  prior: JointPrior,
): Float64Array {
  const size = prior.names.length;
  const draws = prior.sample(foldIn(key, CANDIDATES), NUM_CANDIDATES).data;
  const candidates = Array.from({ length: NUM_CANDIDATES }, (_, i) => draws.slice(i * size, (i + 1) * size));
  const values = candidates.map((theta) => finiteOr(-Infinity, () => logLikelihood(prior.complete(theta))));
  const largest = Math.max(...values);
  const weights = values.map((value) => Math.exp(value - largest));
  let left = uniformFloat64(foldIn(key, PICK), 1)[0]! * weights.reduce((sum, w) => sum + w, 0);
  const picked = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return candidates[Math.max(0, picked)]!;
}
