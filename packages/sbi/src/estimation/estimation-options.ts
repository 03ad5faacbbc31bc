import type { Key } from '@lensfield/contracts';
import type { CertifyOptions } from '../certification/certify.ts';
import type { JointPrior } from '../joint-prior.ts';
import type { SimulationSet } from '../simulation-ledger.ts';

/** What every estimator takes. */
export interface EstimationOptions<State> extends SimulationSet {
  readonly key: Key;
  readonly prior: JointPrior;
  /** Networks trained from different weights and splits, which are taken together. Default 1. */
  readonly numMembers?: number;
  /**
   * Simulations for `certify` that took no part in any training, of a compressor neither. Default: `numHeldOut` rows
   * of the given ones are set aside.
   */
  readonly heldOut?: SimulationSet;
  /** Default: a tenth of the simulations, at least 50 and at most 500. */
  readonly numHeldOut?: number;
  /** Of `certify`. */
  readonly certification?: Pick<CertifyOptions, 'local' | 'numDraws' | 'level' | 'numControlTrials'>;
  readonly signal?: AbortSignal;
  /** A state of an earlier run with the same options: goes on to the same bytes. */
  readonly resume?: State;
}

/** Folds of the key: rows set aside, members of the ensemble, calibration. */
export const HELD_OUT = 0;
export const MEMBERS = 1;
export const CALIBRATION = 2;
