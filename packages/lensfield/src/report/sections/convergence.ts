import { energyPlot, tracePlot } from '@lensfield/plots';
import { energyFractions } from '../energy-fraction.ts';
import { factList, type Html, html, table } from '../html.ts';
import { fixed, grouped, significant, withPrecisionOf } from '../number-format.ts';
import { pageLabel, pictureLabel } from '../parameter-labels.ts';
import type { ReportConvergence, ReportData } from '../report-data.ts';
import { type ReportFigure, type Section, slug } from '../section.ts';
import { divergenceBlocks } from './divergences.ts';

export function convergenceSection(data: ReportData): Section | undefined {
  const { convergence = [] } = data;
  if (convergence.length === 0) return undefined;
  return {
    id: 'convergence',
    title: 'Convergence',
    blocks: convergence.flatMap((run) => runBlocks(data, run)),
  };
}

function runBlocks(data: ReportData, run: ReportConvergence): (Html | ReportFigure)[] {
  const blocks: (Html | ReportFigure)[] = [
    html`<h3>${run.label}</h3>`,
    runFacts(run),
    runTable(run),
    ...divergenceBlocks(run),
    traces(data, run),
  ];
  if (run.energy && run.energy.shape[1] >= 3) {
    blocks.push({
      name: `energy-${slug(run.label)}`,
      svg: energyPlot({ energy: run.energy, width: 560 }),
      caption: html`The energies that the sampler visited and how far one draw moves it. Changes much narrower than the energies would mean that
        the tails are explored too slowly (energy fraction below 0.3).`,
    });
  }
  return blocks;
}

function runFacts(run: ReportConvergence): Html {
  const [numChains, numDraws] = run.samples.shape;
  const perChain = (values: ArrayLike<number>): string =>
    Array.from(values, (value) => significant(value, 3)).join(', ');
  return factList([
    ['chains', `${numChains} of ${grouped(numDraws)} draws after ${grouped(run.numWarmup)} of warm-up`],
    ['divergences', grouped(run.divergences)],
    ['step size', run.stepSize && perChain(run.stepSize)],
    ['acceptance', run.acceptanceRate && perChain(run.acceptanceRate)],
    ['energy fraction', run.energy && perChain(energyFractions(run.energy))],
    ['gradients', run.gradients === undefined ? undefined : grouped(run.gradients)],
  ]);
}

function runTable(run: ReportConvergence): Html {
  const number = (head: string) => ({ head, align: 'right' as const });
  const heads = ['mean', 'sd', 'error of the mean', 'R-hat', 'effective size, bulk', 'effective size, tail'];
  return table(
    [{ head: 'parameter' }, ...heads.map(number)],
    run.summary.map((row) => [
      pageLabel(row.name),
      withPrecisionOf(row.mean, row.sd),
      withPrecisionOf(row.sd, row.sd),
      significant(row.mcseMean, 2),
      fixed(row.rhat, 3),
      grouped(row.essBulk),
      grouped(row.essTail),
    ]),
  );
}

function traces({ parameters }: ReportData, run: ReportConvergence): ReportFigure {
  const hasTruth = parameters.some((parameter) => parameter.truth !== undefined);
  return {
    name: `traces-${slug(run.label)}`,
    svg: tracePlot({
      samples: run.samples,
      labels: parameters.map((parameter) => pictureLabel(parameter.name)),
      width: 880,
      rowHeight: 74,
      ...(hasTruth ? { truth: parameters.map((parameter) => parameter.truth ?? Number.NaN) } : {}),
    }),
    caption: html`Each chain from start to end, one colour each, and at the right the density that each chain gives. Chains that have
      forgotten where they began look alike: no trend, no chain on a level of its own, and the densities coincide.`,
  };
}
