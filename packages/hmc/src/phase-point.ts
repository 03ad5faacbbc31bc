import type { SamplerState } from './state.ts';

/** A point of phase space that an integrator moves in place. */
export interface PhasePoint {
  readonly position: Float64Array;
  readonly momentum: Float64Array;
  readonly gradient: Float64Array;
  logDensity: number;
}

export function emptyPhasePoint(dimension: number): PhasePoint {
  return {
    position: new Float64Array(dimension),
    momentum: new Float64Array(dimension),
    gradient: new Float64Array(dimension),
    logDensity: Number.NaN,
  };
}

/** Puts `point` at a sampler state with the given momentum. */
export function placeAt(point: PhasePoint, state: SamplerState, momentum: Float64Array): void {
  point.position.set(state.position);
  point.momentum.set(momentum);
  point.gradient.set(state.gradient);
  point.logDensity = state.logDensity;
}
