import type { NdArray } from '@lensfield/contracts';
import { noiseStandardDeviations, type Survey } from '@lensfield/lognormal';

/** A map with what is known of its noise. */
export interface ObservedMap {
  /** [mapSize, mapSize, bins]; 0 where there are no data. */
  readonly observation: NdArray<Float32Array>;
  /** Standard deviation of the noise of each pixel, of the same shape, Infinity where there are no data. Default: that of the survey. */
  readonly noise?: NdArray<Float32Array>;
}

/** What the pixels of one bin have in common. */
export interface ObservedBin {
  /** Share of pixels with data. */
  readonly fraction: number;
  /** Mean square of their noise; 0 if there are none. */
  readonly noiseVariance: number;
}

/** Bin by bin. */
export function observedBins(survey: Survey, { observation, noise }: ObservedMap): ObservedBin[] {
  const deviations = noiseStandardDeviations(survey);
  const numBins = deviations.length;
  if (noise === undefined)
    return Array.from(deviations, (deviation) => ({ fraction: 1, noiseVariance: deviation ** 2 }));
  const pixels = observation.data.length / numBins;
  return Array.from(deviations, (_, bin) => {
    let [count, sum] = [0, 0];
    for (let i = bin; i < noise.data.length; i += numBins) {
      if (noise.data[i] === Infinity) continue;
      count++;
      sum += noise.data[i]! ** 2;
    }
    return { fraction: count / pixels, noiseVariance: count === 0 ? 0 : sum / count };
  });
}
