import { coveragePlot, rankPlot } from '@lensfield/plots';
import { factList, type Html, html } from '../html.ts';
import { grouped, percent, significant } from '../number-format.ts';
import { pictureLabel } from '../parameter-labels.ts';
import type { ReportCalibration, ReportData } from '../report-data.ts';
import { type ReportFigure, type Section, slug } from '../section.ts';

export function calibrationSection({ calibrations = [] }: ReportData): Section | undefined {
  if (calibrations.length === 0) return undefined;
  return { id: 'calibration', title: 'Calibration', blocks: calibrations.flatMap(calibrationBlocks) };
}

function calibrationBlocks(calibration: ReportCalibration): (Html | ReportFigure)[] {
  const { label, numSimulations, numDraws, leakedFraction } = calibration;
  const facts = factList([
    ['held-out simulations', grouped(numSimulations)],
    ['draws for each', grouped(numDraws)],
    ['p-value of the ranks', significant(calibration.sbcPValue, 2)],
    ['p-value of the coverage', significant(calibration.tarpPValue, 2)],
    ['draws outside the prior', leakedFraction === undefined ? undefined : percent(leakedFraction)],
    ['calibration', calibration.passed ? 'passed' : 'not passed'],
  ]);
  return [html`<h3>${label}</h3>`, facts, ranks(calibration), coverage(calibration)];
}

function ranks({ label, sbc, numDraws }: ReportCalibration): ReportFigure {
  return {
    name: `ranks-${slug(label)}`,
    svg: rankPlot({
      ranks: sbc.map((row) => row.ranks),
      labels: sbc.map((row) => pictureLabel(row.name)),
      numDraws,
    }),
    caption: html`Simulation-based calibration. For maps whose parameters are known, the rank of the true value among the posterior draws should
      be any rank equally often: bars of equal height, within the grey band in 99 of 100 cases. A hump means posteriors that are too wide, a valley too
      narrow, a slope that they are shifted. Bars outside the band are orange.`,
  };
}

function coverage({ label, tarp }: ReportCalibration): ReportFigure {
  const { levels, coverage: share, coverageSd } = tarp;
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  const bound = (sign: number): number[] =>
    Array.from(share, (value, k) => clip(value + sign * 2 * coverageSd![k]));
  return {
    name: `coverage-${slug(label)}`,
    svg: coveragePlot({
      curves: [
        {
          label: 'TARP',
          level: levels,
          coverage: Array.from(share, clip),
          ...(coverageSd ? { low: bound(-1), high: bound(1) } : {}),
        },
      ],
      size: 400,
    }),
    caption: html`Coverage of regions around random points, in all parameters at once. Of the regions said to hold 60 % of the probability, 60 %
      should hold the truth: the curve should follow the diagonal within its band of two bootstrap standard deviations. Below the diagonal at high
      levels, the posteriors are too narrow to be trusted.`,
  };
}
