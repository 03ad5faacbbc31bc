import { addScaled, dot, type Kernels } from '@lensfield/kernels';
import type { Buffers } from '../buffers.ts';

/** A log density of a float32 point. */
export interface QuasiNewtonTarget {
  readonly length: number;
  /** Writes the gradient; not finite where the density has no meaning. */
  logDensityAndGradient(point: Float32Array, gradient: Float32Array): number;
  /** Writes an approximate inverse of minus the Hessian, a fixed symmetric positive matrix, times `gradient` to `direction`. */
  precondition(gradient: Float32Array, direction: Float32Array): void;
}

export interface QuasiNewtonOptions {
  /** Stops when a step promises to raise the log density by less than half of this. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

export interface QuasiNewtonResult {
  readonly value: number;
  /** Whether the tolerance was reached; a step that cannot raise the density ends the search too. */
  readonly isConverged: boolean;
  readonly numGradients: number;
}

/** Pairs of steps and changes of the gradient that are remembered. */
const HISTORY = 4;
/** Share of the promised rise that a step must bring (Armijo). */
const SUFFICIENT_RISE = 1e-4;
/** Rounding of the value relative to it: sums of float32 residuals. */
const ROUNDING = 1e-7;
const MOST_HALVINGS = 6;

interface Pair {
  readonly step: Float32Array;
  /** Minus the change of the gradient along the step. */
  readonly change: Float32Array;
  /** step . change, above 0. */
  curvature: number;
}

/**
 * Maximiser of a log density by limited-memory BFGS around a fixed preconditioner; owns its buffers.
 *
 * Source: Nocedal & Wright (2006), Numerical Optimization, algorithm 7.4 (two-loop recursion), with steps from 1 downwards.
 */
export function createQuasiNewton(kernels: Kernels, buffers: Buffers, target: QuasiNewtonTarget) {
  const vector = () => buffers.float32(target.length);
  const [gradient, trialGradient, trial, direction, rest] = Array.from({ length: 5 }, vector) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const slots = Array.from(
    { length: HISTORY },
    (): Pair => ({ step: vector(), change: vector(), curvature: 0 }),
  );

  /** direction = H gradient, H from the preconditioner and the pairs, oldest first. */
  function setDirection(pairs: readonly Pair[]): void {
    rest.set(gradient);
    const weights = pairs.map(() => 0);
    for (let i = pairs.length - 1; i >= 0; i--) {
      const { step, change, curvature } = pairs[i]!;
      weights[i] = dot(kernels, step, rest) / curvature;
      addScaled(kernels, -weights[i]!, change, rest);
    }
    target.precondition(rest, direction);
    pairs.forEach(({ step, change, curvature }, i) => {
      addScaled(kernels, weights[i]! - dot(kernels, change, direction) / curvature, step, direction);
    });
  }

  /** The pair of a step that was taken, in the slot of the oldest; not kept where the density is not concave along it. */
  function remember(point: Float32Array, pairs: Pair[]): void {
    const slot = pairs.length < HISTORY ? slots.find((pair) => !pairs.includes(pair))! : pairs.shift()!;
    slot.step.set(trial);
    addScaled(kernels, -1, point, slot.step);
    slot.change.set(gradient);
    addScaled(kernels, -1, trialGradient, slot.change);
    slot.curvature = dot(kernels, slot.step, slot.change);
    if (slot.curvature > 0) pairs.push(slot);
  }

  /** Writes the point of highest density to `point`, which is also the start. */
  return function maximise(point: Float32Array, options: QuasiNewtonOptions): QuasiNewtonResult {
    const pairs: Pair[] = [];
    let value = target.logDensityAndGradient(point, gradient);
    let numGradients = 1;

    /** The density at the first of the steps 1, 1/2, ... that raises it enough. */
    function search(rise: number): number | undefined {
      for (let halvings = 0, step = 1; halvings <= MOST_HALVINGS; halvings++, step /= 2) {
        trial.set(point);
        addScaled(kernels, step, direction, trial);
        const next = target.logDensityAndGradient(trial, trialGradient);
        numGradients++;
        if (next >= value + SUFFICIENT_RISE * step * rise - ROUNDING * Math.abs(value)) return next;
      }
      return undefined;
    }

    for (let iteration = 0; iteration < options.maxIterations; iteration++) {
      setDirection(pairs);
      const rise = dot(kernels, gradient, direction);
      if (rise < options.tolerance) return { value, isConverged: true, numGradients };
      const next = search(rise);
      if (next === undefined) break;
      remember(point, pairs);
      point.set(trial);
      gradient.set(trialGradient);
      value = next;
    }
    return { value, isConverged: false, numGradients };
  };
}
