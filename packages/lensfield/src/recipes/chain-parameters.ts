import type { NdArray } from '@lensfield/contracts';
import type { JointPrior } from '@lensfield/sbi';

/** Parameters of draws of unconstrained ones, [chains, draws, parameters]. */
export function chainParameters(prior: JointPrior, samples: NdArray<Float64Array>): NdArray<Float64Array> {
  const size = prior.names.length;
  const data = new Float64Array(samples.data.length);
  for (let start = 0; start < data.length; start += size) {
    data.set(prior.fromUnconstrained(samples.data.subarray(start, start + size)).theta, start);
  }
  return { shape: samples.shape, data };
}
