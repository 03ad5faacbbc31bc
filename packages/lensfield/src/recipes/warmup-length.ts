import type { JointDensity, Key } from '@lensfield/contracts';
import { normalFloat64 } from '@lensfield/kernels';
import { SAMPLERS, type SamplerName } from './samplers.ts';

/** Share of the time that warm-up may take. */
const WARMUP_SHARE = 0.4;
const TIMED_GRADIENTS = 3;

/** Seconds of one gradient, measured at a draw from the prior. */
export function gradientSeconds(density: JointDensity, key: Key): number {
  const dimension = density.numParameters + density.numLatents;
  const position = normalFloat64(key, dimension);
  position.fill(0, 0, density.numParameters);
  const gradient = new Float64Array(dimension);
  density.logDensityAndGradient(position, gradient);
  const started = performance.now();
  for (let i = 0; i < TIMED_GRADIENTS; i++) density.logDensityAndGradient(position, gradient);
  return (performance.now() - started) / 1000 / TIMED_GRADIENTS;
}

/** Warm-up draws for a run of limited time: about two fifths of what fits, within the range of the sampler. */
export function warmupDraws(sampler: SamplerName, minutes: number, secondsPerGradient: number): number {
  const { gradientsPerDraw, shortestWarmup, longestWarmup } = SAMPLERS[sampler];
  const draws = (WARMUP_SHARE * minutes * 60) / (gradientsPerDraw * secondsPerGradient);
  return Math.round(Math.min(longestWarmup, Math.max(shortestWarmup, draws)));
}
