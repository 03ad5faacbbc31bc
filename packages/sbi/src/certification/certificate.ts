import type { CoverageCurve, Lc2stResult, RankScores } from '@lensfield/diagnostics';

/** What a gate of tests says of a posterior estimator, as plain data. */
export interface Certificate {
  /**
   * `passed`: no test rejects the estimator, and the gate has caught its known-bad controls. `rejected`: at least one test does. `no power`: none
   * does, but the gate misses controls with so few simulations.
   */
  readonly verdict: 'passed' | 'rejected' | 'no power';
  /** Whether the verdict is `passed`. */
  readonly passed: boolean;
  /** The verdict and its reasons in a sentence. */
  readonly statement: string;
  readonly numSimulations: number;
  /** Posterior draws per simulation. */
  readonly numDraws: number;
  /** Share of right posteriors that the gate rejects, at most: of all its tests together. */
  readonly level: number;
  readonly tests: readonly CertificateTest[];
  readonly controls: readonly Control[];
  /** One per parameter. */
  readonly sbc: readonly ParameterRanks[];
  /** Of regions of highest density; where the estimator has a density. */
  readonly coverage?: CoverageCurve;
  /** Of regions around random points. */
  readonly tarp: CoverageCurve;
  /** At the observation; where one was given. */
  readonly local?: Lc2stResult;
}

export interface CertificateTest {
  /** As `sigma_8: width`, `coverage: mean`. */
  readonly name: string;
  readonly method: 'sbc' | 'coverage' | 'tarp' | 'lc2st';
  readonly pValue: number;
  /** Corrected for the number of tests: at most `level` rejects the estimator. */
  readonly correctedPValue: number;
  readonly isRejected: boolean;
}

/** Ranks of one parameter. */
export interface ParameterRanks {
  readonly name: string;
  /** Rank of the truth among the draws for each simulation, 0 ... numDraws. */
  readonly ranks: Int32Array;
  readonly scores: RankScores;
}

/** How well the gate sees one known fault. */
export interface Control {
  /** As `too wide by 20 %`. */
  readonly fault: string;
  /** Trials in which a posterior with the fault was rejected, of `numTrials`. */
  readonly numCaught: number;
  readonly numTrials: number;
  /** Caught in at least nine of ten trials. */
  readonly isCaught: boolean;
  /** Tests that caught it, and in how many trials, the most first. */
  readonly caughtBy: readonly { readonly test: string; readonly numCaught: number }[];
  /** Simulations at which the ranks of a single parameter give the fault away in 95 of 100 trials, for a Gaussian posterior. */
  readonly simulationsNeeded: number;
}
