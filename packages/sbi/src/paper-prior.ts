import { normal } from './distributions/normal.ts';
import { truncatedNormal } from './distributions/truncated-normal.ts';
import { type JointPrior, jointPrior } from './joint-prior.ts';

/**
 * The prior of the log-normal LSST-Y10 benchmark over omega_c, omega_b, sigma_8, h_0, n_s, w_0, in this order.
 *
 * Source: arXiv 2409.17975, table 1, with the truncations of its public code: omega_c >= 0 and -2 <= w_0 <= -0.3.
 */
export function paperPrior(): JointPrior {
  return jointPrior({
    omega_c: truncatedNormal({ mean: 0.2664, sd: 0.2, low: 0 }),
    omega_b: normal({ mean: 0.0492, sd: 0.006 }),
    sigma_8: normal({ mean: 0.831, sd: 0.14 }),
    h_0: normal({ mean: 0.6727, sd: 0.063 }),
    n_s: normal({ mean: 0.9645, sd: 0.08 }),
    w_0: truncatedNormal({ mean: -1, sd: 0.9, low: -2, high: -0.3 }),
  });
}
