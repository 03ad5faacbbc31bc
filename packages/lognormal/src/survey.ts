/** n(z) of Smail, Ellis and Fitchett (1994) cut into bins of equal numbers and blurred by photometric redshift errors. */
export interface SmailRedshifts {
  readonly family: 'smail';
  /** n(z) ~ z^alpha exp(-(z / z0)^beta). */
  readonly alpha: number;
  readonly beta: number;
  readonly z0: number;
  readonly zMax: number;
  readonly numBins: number;
  /** Standard deviation of photometric redshifts divided by 1 + z. */
  readonly photoZError: number;
}

/** n(z) of each bin as a table; normalisation does not matter. */
export interface TabulatedRedshifts {
  readonly family: 'table';
  /** Ascending, common to all bins. */
  readonly z: readonly number[];
  /** [bins][z]. */
  readonly density: readonly (readonly number[])[];
}

export type SurveyRedshifts = SmailRedshifts | TabulatedRedshifts;

/** A tomographic lensing survey on a flat, periodic, square map. Plain data, so that it can be written and sent to workers. */
export interface Survey {
  readonly name: string;
  /** Pixels per side: 2^a 3^b 5^c. */
  readonly mapSize: number;
  readonly fieldSizeDeg: number;
  /** Source galaxies per square arc minute of each bin. */
  readonly galaxiesPerArcmin2: readonly number[];
  /** Standard deviation of a galaxy's shape per component. */
  readonly sigmaE: number;
  readonly redshifts: SurveyRedshifts;
}

export function numBins(survey: Survey): number {
  return survey.galaxiesPerArcmin2.length;
}

export function pixelSizeArcmin({ fieldSizeDeg, mapSize }: Survey): number {
  return (60 * fieldSizeDeg) / mapSize;
}

/** Standard deviation of the shape noise per pixel in each bin, sigma_e / sqrt(galaxies per pixel); [bins]. */
export function noiseStandardDeviations(survey: Survey): Float64Array {
  const pixelAreaArcmin2 = pixelSizeArcmin(survey) ** 2;
  return Float64Array.from(
    survey.galaxiesPerArcmin2,
    (density) => survey.sigmaE / Math.sqrt(density * pixelAreaArcmin2),
  );
}
