import { coveragePlot, rankPlot } from '@lensfield/plots';
import { leastPValue } from '../calibration-checks.ts';
import { factList, type Html, html, table } from '../html.ts';
import { grouped, percent, significant } from '../number-format.ts';
import { pictureLabel } from '../parameter-labels.ts';
import type { ReportCalibration, ReportCoverage, ReportData } from '../report-data.ts';
import { type ReportFigure, type Section, slug } from '../section.ts';

export function calibrationSection({ calibrations = [] }: ReportData): Section | undefined {
  if (calibrations.length === 0) return undefined;
  return { id: 'calibration', title: 'Calibration', blocks: calibrations.flatMap(calibrationBlocks) };
}

function calibrationBlocks(calibration: ReportCalibration): (Html | ReportFigure)[] {
  const { label, numSimulations, numDraws, leakedFraction, statement, verdict } = calibration;
  const facts = factList([
    ['held-out simulations', grouped(numSimulations)],
    ['draws for each', grouped(numDraws)],
    ['tests', grouped(calibration.tests.length)],
    ['smallest p-value, corrected', significant(leastPValue(calibration.tests), 2)],
    ['right posteriors rejected', `at most ${percent(calibration.level)}`],
    ['draws outside the prior', leakedFraction === undefined ? undefined : percent(leakedFraction)],
    ['calibration', verdict],
  ]);
  const said = html`<p>${statement}</p>`;
  return [
    html`<h3>${label}</h3>`,
    said,
    facts,
    controls(calibration),
    ranks(calibration),
    coverage(calibration),
  ];
}

/** What the tests are worth: how often they find posteriors with known faults. */
function controls({ controls: known }: ReportCalibration): Html {
  const right = { align: 'right' } as const;
  return html`${table(
    [
      { head: 'known fault' },
      { head: 'found in', ...right },
      { head: 'simulations for one parameter', ...right },
    ],
    known.map(({ fault, numCaught, numTrials, simulationsNeeded }) => [
      fault,
      `${numCaught} of ${numTrials} trials`,
      grouped(simulationsNeeded),
    ]),
  )}<p class="aside">The same tests on truths drawn from the posterior itself and then moved, so that it is wrong by just that. The last column:
    how many simulations let the ranks of a single parameter give the fault away in 95 of 100 trials.</p>`;
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

function coverage({ label, tarp, coverage: ofDensity }: ReportCalibration): ReportFigure {
  const curves = [curveOf('around random points (TARP)', tarp)];
  if (ofDensity) curves.push(curveOf('of highest density', ofDensity));
  return {
    name: `coverage-${slug(label)}`,
    svg: coveragePlot({ curves, size: 400 }),
    caption: html`Coverage of regions in all parameters at once. Of the regions said to hold 60 % of the probability, 60 %
      should hold the truth: a curve should follow the diagonal within its band of two bootstrap standard deviations. Below the diagonal at high
      levels, the posteriors are too narrow to be trusted.`,
  };
}

function curveOf(label: string, { levels, coverage: share, coverageSd }: ReportCoverage) {
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  const bound = (sign: number): number[] =>
    Array.from(share, (value, k) => clip(value + sign * 2 * coverageSd![k]));
  return {
    label,
    level: levels,
    coverage: Array.from(share, clip),
    ...(coverageSd ? { low: bound(-1), high: bound(1) } : {}),
  };
}
