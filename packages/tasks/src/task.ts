import type {
  FloatArray,
  JointDensity,
  Key,
  Posterior,
  PriorSpecification,
  SimulationWithScore,
  Simulator,
} from '@lensfield/contracts';

/** Data to infer from, with the parameters that made them. */
export interface TaskObservation {
  readonly theta: Float64Array;
  /** Of tasks with latents. */
  readonly latents?: Float64Array;
  /** Shape [dataShape]. */
  readonly x: Float32Array;
}

/**
 * A benchmark problem: a simulator with its prior, and what is known of its posterior. Parameters are on their natural scale, in the
 * order of `parameterNames`.
 */
export interface Task extends Simulator {
  /** As in the literature, `two_moons`. */
  readonly name: string;
  /** Plain data with an entry for each of `parameterNames`, in their order: `priorOf(task.prior)` of `@lensfield/sbi` makes it a prior. */
  readonly prior: PriorSpecification;
  /** Data of one simulation; data and score depend on `key` and `theta` alone. */
  simulateWithScore(key: Key, theta: Float64Array): SimulationWithScore;
  /**
   * log p(x | theta), normalised; writes its gradient in theta into `score` where that is given. Absent where latents would have to be
   * integrated out.
   */
  logLikelihood?(x: FloatArray, theta: Float64Array, score?: Float64Array): number;
  /** The exact posterior of `x` as draws and density, where it has a closed form. */
  posterior?(x: FloatArray): Required<Posterior>;
  /**
   * The density of parameters and latents given `x`, with gradient, for `@lensfield/hmc`: coordinates in which the priors of both are
   * standard normal. Where it exists, reference draws for any observation can be had from it.
   */
  jointDensity?(x: FloatArray): JointDensity;
  /** Observations that others have used with this task. */
  readonly observations?: readonly TaskObservation[];
}
