import { redshiftPlot } from '@lensfield/plots';
import { factList, type Html, html } from '../html.ts';
import { significant } from '../number-format.ts';
import type { ReportData, ReportSurvey } from '../report-data.ts';
import type { ReportFigure, Section } from '../section.ts';

export function surveySection({ survey }: ReportData): Section | undefined {
  if (survey === undefined) return undefined;
  const blocks: (Html | ReportFigure)[] = [surveyFacts(survey)];
  if (survey.redshiftBins) {
    blocks.push({
      name: 'redshift',
      svg: redshiftPlot({ bins: survey.redshiftBins, width: 860, zMax: visibleRedshift(survey) }),
      caption: html`The galaxies whose shapes are measured, sorted into bins by their estimated redshift. The further a bin, the more matter
        lies in front of it and the stronger its lensing; comparing near and far bins shows how structure grew.`,
    });
  }
  return { id: 'survey', title: 'Survey', blocks };
}

function surveyFacts(survey: ReportSurvey): Html {
  const numBins = survey.galaxiesPerArcmin2.length;
  const pixelArcmin = (60 * survey.fieldSizeDeg) / survey.mapSize;
  return factList([
    ['name', survey.name],
    [
      'field',
      `${survey.fieldSizeDeg}° × ${survey.fieldSizeDeg}°, ${survey.mapSize} × ${survey.mapSize} pixels of ${significant(pixelArcmin, 4)}′`,
    ],
    ['source bins', numBins],
    ['galaxies per arcmin²', perBin(survey.galaxiesPerArcmin2)],
    ['shape noise per component', survey.sigmaE],
    ['noise per pixel', survey.noiseSd && perBin(survey.noiseSd)],
    ['reproduces', survey.parity],
  ]);
}

/** One number where all bins share it. */
function perBin(values: ArrayLike<number>): string {
  const texts = Array.from(values, (value) => significant(value, 4));
  return texts.every((text) => text === texts[0]) && texts.length > 1
    ? `${texts[0]} in each`
    : texts.join(', ');
}

/** Where the last bin has fallen to a hundredth of its peak: tables go on to redshifts at which nothing shows. */
function visibleRedshift({ redshiftBins = [] }: ReportSurvey): number {
  const ends = redshiftBins.map(({ z, density }) => {
    const values = Array.from(density);
    const peak = Math.max(...values);
    return z[values.findLastIndex((value) => value > 0.01 * peak)] ?? z[z.length - 1];
  });
  return Math.max(...ends, Number.MIN_VALUE);
}
