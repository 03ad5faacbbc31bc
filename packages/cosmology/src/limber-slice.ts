import { NUM_PARAMETERS } from './parameters.ts';

/** A value and its six derivatives: what each point of a {@link LimberPower} holds. */
export const JET = 1 + NUM_PARAMETERS;

/** Dimensionless power on (wave number, slice) points; overwritten by the next evaluation of the plan that owns it. */
export interface LimberPower {
  /** k^3 P_linear / (2 pi^2) and its derivatives in the six parameters, shape [numWaves, numSlices, 7]. */
  readonly linear: Float64Array;
  /** The same of the non-linear spectrum. */
  readonly nonlinear: Float64Array;
}

/** What holds along one slice. */
export interface Slice {
  index: number;
  logDistance: number;
  logDistanceByOmegaM: number;
  logDistanceByW0: number;
  /** ln of the amplitude of the linear spectrum times D^2. */
  logAmplitude: number;
  growth2ByOmegaM: number;
  growth2ByW0: number;
}
