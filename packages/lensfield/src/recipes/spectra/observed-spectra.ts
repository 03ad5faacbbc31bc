import { measuredSpectra } from '@lensfield/diagnostics';
import type { Survey } from '@lensfield/lognormal';
import { type ObservedMap, observedBins } from '../observed-map.ts';

/** Auto and cross spectra of a map in bands; rows are pairs of bins (0,0), (0,1), ..., (1,1), .... */
export interface ObservedSpectra {
  /** Mean multipole of the modes of each band, [bands]. */
  readonly ell: Float64Array;
  /** Real modes of each band, as many as an analysis may count on, [bands]. */
  readonly numModes: Float64Array;
  /** Noise included, [pairs, bands]. */
  readonly values: Float64Array;
  readonly pairs: readonly (readonly [number, number])[];
  /** Power of the noise, [bins]. */
  readonly noise: Float64Array;
}

/**
 * Spectra of a map with or without holes. Holes are zeros of the map, for which the powers and the number of modes are corrected by the share
 * of pixels that both bins of a pair have data in; that holes mix neighbouring modes is left out, which is fair for holes that are
 * small or large beside the waves of a band (test/spectra/observed-spectra.test.ts). A pair without common data has no power.
 */
export function observedSpectra(survey: Survey, map: ObservedMap, edges: Float64Array): ObservedSpectra {
  const { mapSize, fieldSizeDeg } = survey;
  const { ell, numModes, spectra, pairs } = measuredSpectra(map.observation, { fieldSizeDeg, edges });
  const bins = observedBins(survey, map);
  const pixelArea = ((fieldSizeDeg * Math.PI) / 180 / mapSize) ** 2;
  const shares = pairs.map(([i, j]) => commonShare(map, bins.length, i, j));
  const numBands = ell.length;
  const share = bins.reduce((product, { fraction }) => product * fraction ** (1 / bins.length), 1);
  return {
    ell,
    numModes: numModes.map((modes) => modes * share),
    values: spectra.data.map((power, i) => {
      const common = shares[Math.floor(i / numBands)]!;
      return common === 0 ? 0 : power / common;
    }),
    pairs,
    noise: Float64Array.from(bins, ({ noiseVariance }) => noiseVariance * pixelArea),
  };
}

/** Share of the pixels in which both bins have data. */
function commonShare({ noise }: ObservedMap, numBins: number, i: number, j: number): number {
  if (noise === undefined) return 1;
  const { data } = noise;
  let count = 0;
  for (let at = 0; at < data.length; at += numBins)
    if (data[at + i] !== Infinity && data[at + j] !== Infinity) count++;
  return (count * numBins) / data.length;
}
