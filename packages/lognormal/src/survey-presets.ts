import { InvalidArgumentError } from '@lensfield/kernels';
import type { Survey } from './survey.ts';

/** LSST year 10 as in the benchmark of Zeghal et al. (2024): 5 bins, 27 galaxies per square arc minute, 10 x 10 square degrees. */
const LSST_Y10: Survey = {
  name: 'lsst-y10',
  mapSize: 256,
  fieldSizeDeg: 10,
  galaxiesPerArcmin2: [5.4, 5.4, 5.4, 5.4, 5.4],
  sigmaE: 0.26,
  redshifts: { family: 'smail', alpha: 2, beta: 0.68, z0: 0.11, zMax: 10, numBins: 5, photoZError: 0.05 },
};

const PRESETS: Readonly<Record<string, Survey>> = {
  'lsst-y10': LSST_Y10,
  /* A sixteenth of the area with the same pixels. */
  'lsst-y10-demo': { ...LSST_Y10, name: 'lsst-y10-demo', mapSize: 64, fieldSizeDeg: 2.5 },
};

export const SURVEY_PRESETS: readonly string[] = Object.keys(PRESETS);

/**
 * A survey by name: `lsst-y10` (256 x 256 pixels, 10 degrees, 5 bins) or `lsst-y10-demo` (64 x 64, 2.5 degrees, the same pixels).
 *
 * @throws {InvalidArgumentError} if there is no preset of that name.
 */
export function surveyPreset(name: string): Survey {
  const survey = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (!survey)
    throw new InvalidArgumentError(
      'name',
      `lognormal.surveyPreset: name must be one of ${SURVEY_PRESETS.join(', ')}; got ${name}.`,
    );
  return survey;
}
