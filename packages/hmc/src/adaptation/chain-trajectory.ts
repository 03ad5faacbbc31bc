import { mostSteps } from '../hmc.ts';
import type { Metric } from '../metric.ts';
import type { ChainTransitionInfo, SamplerOptions } from '../sampler.ts';
import type { SamplerState } from '../state.ts';
import {
  initTrajectoryLength,
  rescaleTrajectoryLength,
  updateTrajectoryLength,
} from './trajectory-length.ts';
import type { AdaptationState } from './windowed-adaptation.ts';

/** The learning of a trajectory length as a part of the warm-up of a chain: nothing for samplers that have none to learn. */

/** Steps of the first trajectory. */
const FIRST_STEPS = 10;

export function withTrajectoryLength(
  adaptation: AdaptationState,
  sampler: SamplerOptions,
  dimension: number,
): AdaptationState {
  if (sampler.kind !== 'hmc' || sampler.numIntegrationSteps !== 'adapted') return adaptation;
  return {
    ...adaptation,
    trajectory: initTrajectoryLength(dimension, FIRST_STEPS * adaptation.stepSize),
  };
}

/** Learns from a transition; before step size and metric do. */
export function learnTrajectoryLength(
  { trajectory, metric, stepSize }: AdaptationState,
  sampler: SamplerOptions,
  before: SamplerState,
  { proposal, acceptanceRate }: ChainTransitionInfo,
): void {
  if (trajectory === undefined || proposal === undefined) return;
  if (sampler.kind !== 'hmc' || sampler.numIntegrationSteps !== 'adapted') return;
  const most = mostSteps(sampler) * stepSize;
  updateTrajectoryLength(trajectory, metric, before, proposal, acceptanceRate, most);
}

/** After step size and metric have learned: follows a change of the metric, and ends with the average. */
export function settleTrajectoryLength(
  { trajectory, metric }: AdaptationState,
  metricBefore: Metric,
  { position }: SamplerState,
  isLast: boolean,
): void {
  if (trajectory === undefined) return;
  if (metric !== metricBefore) rescaleTrajectoryLength(trajectory, metricBefore, metric, position);
  if (isLast) trajectory.length = Math.exp(trajectory.averageLogLength);
}
