import { emptyPhasePoint, type PhasePoint } from './phase-point.ts';
import { createVectorPool, type VectorPool } from './trajectory.ts';

/** A point that may become the draw. */
export interface Candidate {
  readonly position: Float64Array;
  readonly gradient: Float64Array;
  logDensity: number;
  energy: number;
}

/** Buffers of a kernel: both ends of the trajectory, the draw so far and the one on offer, momenta for the U-turn tests. */
export interface Workspace {
  readonly left: PhasePoint;
  readonly right: PhasePoint;
  chosen: Candidate;
  offered: Candidate;
  readonly momentum: Float64Array;
  readonly pool: VectorPool;
}

export function emptyWorkspace(dimension: number): Workspace {
  return {
    left: emptyPhasePoint(dimension),
    right: emptyPhasePoint(dimension),
    chosen: emptyCandidate(dimension),
    offered: emptyCandidate(dimension),
    momentum: new Float64Array(dimension),
    pool: createVectorPool(dimension),
  };
}

function emptyCandidate(dimension: number): Candidate {
  return {
    position: new Float64Array(dimension),
    gradient: new Float64Array(dimension),
    logDensity: Number.NaN,
    energy: Number.NaN,
  };
}

export function keep(candidate: Candidate, point: PhasePoint, energy: number): void {
  candidate.position.set(point.position);
  candidate.gradient.set(point.gradient);
  candidate.logDensity = point.logDensity;
  candidate.energy = energy;
}
