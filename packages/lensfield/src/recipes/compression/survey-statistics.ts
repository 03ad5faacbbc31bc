import {
  bandPowers,
  type MapShape,
  type MapStatistics,
  mapStatistics,
  thirdMoments,
} from '@lensfield/compressors';
import type { Kernels } from '@lensfield/kernels';
import { numBins, type Survey } from '@lensfield/lognormal';

/** Bands of the spectra: enough for their shape, few enough for regressions on them. */
const MOST_BANDS = 20;

/** Band powers and third moments of the maps of a survey: nearly sufficient for cosmology (docs/decisions). */
export function surveyStatistics(survey: Survey, kernels: Kernels): MapStatistics {
  const { mapSize } = survey;
  return mapStatistics(
    { kernels, mapSize, numBins: numBins(survey) },
    bandPowers({ numBands: numBandsOf(mapSize) }),
    thirdMoments(),
  );
}

export const mapShapeOf = (survey: Survey): MapShape => [survey.mapSize, survey.mapSize, numBins(survey)];

/** Fewer on small maps, whose lowest modes are few. */
export function numBandsOf(mapSize: number): number {
  return Math.min(MOST_BANDS, Math.max(4, Math.floor(mapSize / 6)));
}
