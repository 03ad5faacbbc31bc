import { foldIn } from '@lensfield/kernels';
import type { Certificate } from '../certification/certificate.ts';
import { type CertifyOptions, certify } from '../certification/certify.ts';
import type { SimulationLedger, ValidSimulations } from '../simulation-ledger.ts';
import type { EnsembleProgress, EnsembleState, TrainedEstimator, TrainedMember } from './ensemble.ts';
import { CALIBRATION, type EstimationOptions } from './estimation-options.ts';
import { setAside } from './set-aside.ts';

/** An estimator with what the gate says of it, or the state to resume from. */
export type EstimationResult<Estimator, Parameters> =
  | {
      readonly stopped: 'finished';
      readonly estimator: Estimator;
      readonly calibration: Certificate;
      readonly ledger: SimulationLedger;
      readonly members: readonly TrainedMember<Parameters>[];
    }
  | { readonly stopped: 'aborted'; readonly state: EnsembleState<Parameters> };

/** What the gate asks of an estimator. */
type Certifiable = Pick<CertifyOptions, 'sampleMany' | 'logProbMany'>;

/** Trains an estimator of one kind on the given rows. */
type EstimatorTraining<Options, Estimator, Parameters> = (
  where: string,
  options: Options,
  rows: ValidSimulations,
) => AsyncGenerator<EnsembleProgress<Parameters>, TrainedEstimator<Estimator, Parameters>>;

/** Sets simulations aside, trains on the others, and lets the estimator through the gate, or not, on those set aside. */
export async function* trainCertified<
  Options extends EstimationOptions<unknown>,
  Estimator extends Certifiable,
  Parameters,
>(
  where: string,
  options: Options,
  train: EstimatorTraining<Options, Estimator, Parameters>,
  defaults: Pick<CertifyOptions, 'numDraws'> = {},
): AsyncGenerator<EnsembleProgress<Parameters>, EstimationResult<Estimator, Parameters>> {
  const { training, heldOut } = setAside(where, options);
  const trained = yield* train(where, options, training);
  if (trained.stopped === 'aborted') return trained;
  const { estimator, members } = trained;
  const { sampleMany, logProbMany } = estimator;
  const calibration = certify({
    ...defaults,
    ...options.certification,
    key: foldIn(options.key, CALIBRATION),
    prior: options.prior,
    sampleMany,
    ...(logProbMany && { logProbMany }),
    theta: heldOut.theta,
    summaries: heldOut.summaries,
  });
  return { stopped: 'finished', estimator, calibration, ledger: training.ledger, members };
}
