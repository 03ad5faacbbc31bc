import { literalLabel, lossPlot } from '@lensfield/plots';
import { html } from '../html.ts';
import type { ReportData, ReportTraining } from '../report-data.ts';
import { type ReportFigure, type Section, slug } from '../section.ts';

export function trainingSection({ trainings = [] }: ReportData): Section | undefined {
  if (trainings.length === 0) return undefined;
  return {
    id: 'training',
    title: 'Training',
    layout: 'columns',
    blocks: trainings.map(losses),
  };
}

function losses(training: ReportTraining): ReportFigure {
  const { label, steps, bestStep, validation } = training;
  const at = steps ? { steps } : {};
  return {
    name: `loss-${slug(label)}`,
    svg: lossPlot({
      series: [
        { label: 'training', values: training.training, ...at },
        ...(validation ? [{ label: 'validation', values: validation, ...at }] : []),
      ],
      title: literalLabel(label),
      xLabel: literalLabel(training.stepName ?? 'epoch'),
      yLabel: literalLabel(training.lossName ?? 'loss'),
      width: 470,
      height: 290,
      ...(bestStep === undefined ? {} : { bestStep }),
    }),
    caption: html`${label}: the loss on the simulations that it learns from and on others kept aside. Where the second turns up while the first
      still falls, the network learns its examples by heart; the parameters with the lowest validation loss are kept.`,
  };
}
