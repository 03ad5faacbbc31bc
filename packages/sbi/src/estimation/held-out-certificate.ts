import { foldIn } from '@lensfield/kernels';
import type { Certificate } from '../certification/certificate.ts';
import { type CertifyOptions, certify } from '../certification/certify.ts';
import type { ValidSimulations } from '../simulation-ledger.ts';
import { CALIBRATION, type EstimationOptions } from './estimation-options.ts';

/** Lets an estimator through the gate, or not, on simulations that were set aside for it. */
export function certifyOnHeldOut(
  { key, prior, certification }: EstimationOptions<unknown>,
  estimator: Pick<CertifyOptions, 'sampleMany' | 'logProbMany'>,
  { theta, summaries }: ValidSimulations,
  defaults: Pick<CertifyOptions, 'numDraws'> = {},
): Certificate {
  const { sampleMany, logProbMany } = estimator;
  return certify({
    ...defaults,
    ...certification,
    key: foldIn(key, CALIBRATION),
    prior,
    sampleMany,
    ...(logProbMany && { logProbMany }),
    theta,
    summaries,
  });
}
