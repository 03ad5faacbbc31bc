import type { NdArray } from '@lensfield/contracts';
import { noiseStandardDeviations, type Parity, type Survey, sourceBins } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { ReportObservation, ReportParameter, ReportSurvey } from '../report/report-data.ts';

const NUM_REDSHIFTS = 300;
const LARGEST_REDSHIFT = 3.5;

export function surveyReport(survey: Survey, parity: Parity): ReportSurvey {
  const z = Float64Array.from(
    { length: NUM_REDSHIFTS },
    (_, i) => (LARGEST_REDSHIFT * i) / (NUM_REDSHIFTS - 1),
  );
  return {
    name: survey.name,
    mapSize: survey.mapSize,
    fieldSizeDeg: survey.fieldSizeDeg,
    galaxiesPerArcmin2: survey.galaxiesPerArcmin2,
    sigmaE: survey.sigmaE,
    noiseSd: noiseStandardDeviations(survey),
    redshiftBins: sourceBins(survey).map((bin, i) => ({
      z,
      density: z.map((redshift) => bin.density(redshift)),
      label: `bin ${i + 1}`,
    })),
    ...(parity !== 'none' && { parity }),
  };
}

export function observationReport(
  survey: Survey,
  maps: NdArray<Float32Array>,
  source: string,
): ReportObservation {
  return { maps, fieldSizeDeg: survey.fieldSizeDeg, source };
}

/** What the report says of each free parameter; `truth` where the map was simulated. */
export function parametersReport(
  prior: JointPrior,
  truth?: Readonly<Record<string, number>>,
): ReportParameter[] {
  return prior.names.map((name, i) => ({
    name,
    bounds: prior.bounds[i]!,
    prior: priorInWords(prior.specification[name]!),
    ...(truth && { truth: truth[name]! }),
  }));
}

function priorInWords(specification: JointPrior['specification'][string]): string {
  const { distribution, ...numbers } = specification;
  const list = Object.entries(numbers).map(([key, value]) => `${key} ${value}`);
  return `${distribution}(${list.join(', ')})`;
}
