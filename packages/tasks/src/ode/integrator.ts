import { allocateStages, dormandPrinceStep, embeddedError, type Stages } from './dormand-prince.ts';

/** An autonomous system dy/dt = f(y). */
export interface OdeSystem {
  readonly dimension: number;
  /**
   * The first `numControlled` components set the steps; the others, such as sensitivities, go along. So the steps, and with them the
   * bytes of the first components, are the same with and without the others, and sensitivities are those of the very numbers returned.
   */
  readonly numControlled: number;
  /** Writes f(y) into `derivative`. */
  derivative(y: Float64Array, derivative: Float64Array): void;
}

export interface IntegratorOptions {
  /** Largest error of a step, in units of 1 + |y|, root mean square over the controlled components. */
  readonly tolerance: number;
  /** Accepted and rejected steps allowed for all of `times`. */
  readonly maxSteps: number;
}

export interface Integrator {
  /**
   * Writes y at each of `times` (ascending; the first is that of `start`) into `out`, [times, dimension].
   *
   * @returns whether all were reached: false if the steps ran out, and `out` is then not to be used.
   */
  integrate(start: Float64Array, times: Float64Array, out: Float64Array): boolean;
}

/** Steps shrink and grow by at most these factors. */
const SMALLEST_FACTOR = 0.2;
const LARGEST_FACTOR = 5;
const SAFETY = 0.9;

/**
 * Adaptive integrator of Dormand and Prince: local extrapolation, the error of order 4 controlled. Each output time ends a step, so that
 * outputs have the order of the method and no interpolation is needed. Its buffers are allocated once.
 *
 * Accuracy: order 5 and error proportional to the tolerance (test/integrator.test.ts).
 * Source: Hairer, Norsett & Wanner (1993), "Solving ordinary differential equations I", section II.4.
 */
export function createIntegrator(system: OdeSystem, { tolerance, maxSteps }: IntegratorOptions): Integrator {
  const stages = allocateStages(system.dimension);
  return {
    integrate(start, times, out) {
      stages.y.set(start);
      out.set(start);
      system.derivative(stages.y, stages.k1);
      let step = firstStep(system, stages, tolerance);
      let stepsLeft = maxSteps;
      for (let i = 1; i < times.length; i++) {
        let left = times[i]! - times[i - 1]!;
        while (left > 0) {
          if (stepsLeft-- === 0) return false;
          const isLast = step >= left;
          const taken = isLast ? left : step;
          dormandPrinceStep(system.derivative, stages, taken);
          const error = errorOfStep(system, stages, taken) / tolerance;
          const factor = stepFactor(error);
          if (error <= 1) {
            acceptStep(stages);
            left = isLast ? 0 : left - taken;
            // A step that was cut short at an output says little against a longer one.
            step = isLast ? Math.max(step, taken * factor) : taken * factor;
          } else {
            step = taken * factor;
          }
        }
        out.set(stages.y, i * system.dimension);
      }
      return true;
    },
  };
}

/** The next step over this one. A step so long that its stages overflowed is tried again much shorter. */
function stepFactor(error: number): number {
  if (!Number.isFinite(error)) return SMALLEST_FACTOR;
  return Math.min(LARGEST_FACTOR, Math.max(SMALLEST_FACTOR, SAFETY * error ** -0.2));
}

/** A first step that the control can correct: a hundredth of the shortest time scale at a tolerance of 1e-8. */
function firstStep({ numControlled }: OdeSystem, { y, k1 }: Stages, tolerance: number): number {
  let rate = 0;
  for (let i = 0; i < numControlled; i++) rate = Math.max(rate, Math.abs(k1[i]!) / (1 + Math.abs(y[i]!)));
  return rate > 0 ? tolerance ** 0.25 / rate : Number.MAX_VALUE;
}

/** Error of the step that the stages hold, in units of 1 + |y|. */
function errorOfStep({ numControlled }: OdeSystem, stages: Stages, step: number): number {
  const { y, trial } = stages;
  let squares = 0;
  for (let i = 0; i < numControlled; i++) {
    const scale = 1 + Math.max(Math.abs(y[i]!), Math.abs(trial[i]!));
    squares += ((step * embeddedError(stages, i)) / scale) ** 2;
  }
  return Math.sqrt(squares / numControlled);
}

function acceptStep({ y, trial, k1, k7 }: Stages): void {
  y.set(trial);
  k1.set(k7);
}
