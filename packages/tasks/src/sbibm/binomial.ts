import { logGamma } from '@lensfield/kernels';

/**
 * The number of successes among `numTrials` that a uniform draw stands for: the inverse of the distribution function, summed up
 * from the rarer end.
 */
export function binomialQuantile(uniform: number, numTrials: number, probability: number): number {
  if (probability > 0.5) return numTrials - binomialQuantile(1 - uniform, numTrials, 1 - probability);
  const odds = probability / (1 - probability);
  let term = (1 - probability) ** numTrials;
  let cumulative = term;
  let count = 0;
  while (cumulative <= uniform && count < numTrials) {
    term *= (odds * (numTrials - count)) / (count + 1);
    count++;
    cumulative += term;
  }
  return count;
}

/** log of the probability of `count` successes. The probability of one is given by its logarithm, below 0, so that it may be tiny. */
export function binomialLogProb(count: number, numTrials: number, logProbability: number): number {
  return (
    logGamma(numTrials + 1) -
    logGamma(count + 1) -
    logGamma(numTrials - count + 1) +
    count * logProbability +
    (numTrials - count) * Math.log1p(-Math.exp(logProbability))
  );
}
