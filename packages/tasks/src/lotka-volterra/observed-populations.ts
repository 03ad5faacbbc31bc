import type { FloatArray, Key } from '@lensfield/contracts';
import { normalFloat64 } from '@lensfield/kernels';
import type { Populations } from '../population-dynamics.ts';

const NUM_TIMES = 10;
/** Ten numbers of prey, then ten of predators. */
export const NUM_DATA = 2 * NUM_TIMES;
/** Of the data; the first is that of the initial populations. */
export const TIMES: Float64Array = Float64Array.from({ length: NUM_TIMES }, (_, i) => 2.1 * i);

const NOISE_SD_LOG = 0.1;
const LOG_SMALLEST = Math.log(1e-10);
const LOG_LARGEST = Math.log(1e4);
const LOG_NORMALISATION = -NUM_DATA * (Math.log(NOISE_SD_LOG) + 0.5 * Math.log(2 * Math.PI));

/** Populations kept within bounds, times log-normal noise. */
export function noisyPopulations(populations: Populations, key: Key): Float32Array<ArrayBuffer> {
  const noise = normalFloat64(key, NUM_DATA);
  return Float32Array.from(noise, (deviate, i) =>
    Math.exp(keptLogPopulation(populations, i) + NOISE_SD_LOG * deviate),
  );
}

/**
 * log p(x | populations). Writes its gradient in the first `score.length` columns of the sensitivities into `score`; a population on or
 * beyond a bound has none.
 */
export function noiseLogDensity(populations: Populations, x: FloatArray, score?: Float64Array): number {
  let logDensity = LOG_NORMALISATION;
  score?.fill(0);
  for (let i = 0; i < NUM_DATA; i++) {
    const logX = Math.log(x[i]!);
    const deviate = (logX - keptLogPopulation(populations, i)) / NOISE_SD_LOG;
    logDensity -= deviate ** 2 / 2 + logX;
    if (score) addScore(populations, i, deviate / NOISE_SD_LOG, score);
  }
  return logDensity;
}

function addScore(populations: Populations, i: number, weight: number, score: Float64Array): void {
  const [time, species] = placeOf(i);
  const logPopulation = populations.logPopulation(time, species);
  if (!(logPopulation > LOG_SMALLEST && logPopulation < LOG_LARGEST)) return;
  for (let j = 0; j < score.length; j++) score[j]! += weight * populations.sensitivity(time, species, j);
}

function keptLogPopulation(populations: Populations, i: number): number {
  const [time, species] = placeOf(i);
  return Math.min(Math.max(populations.logPopulation(time, species), LOG_SMALLEST), LOG_LARGEST);
}

function placeOf(i: number): readonly [time: number, species: 0 | 1] {
  return i < NUM_TIMES ? [i, 0] : [i - NUM_TIMES, 1];
}
