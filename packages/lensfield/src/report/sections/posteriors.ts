import { summarizeSamples } from '@lensfield/diagnostics';
import { cornerPlot, literalLabel, OKABE_ITO } from '@lensfield/plots';
import { type Html, html, table } from '../html.ts';
import { fixed, grouped, withPrecisionOf } from '../number-format.ts';
import { pageLabel, pictureLabel } from '../parameter-labels.ts';
import type { ReportData, ReportPosterior } from '../report-data.ts';
import type { ReportFigure, Section } from '../section.ts';

const METHODS: Readonly<Record<ReportPosterior['method'], string>> = {
  implicit: 'a neural density learnt from simulations, evaluated at the compressed map',
  explicit: 'parameters and field sampled together with the likelihood',
  spectra: 'what the auto and cross power spectra of the map say alone, by a Gaussian likelihood',
  reference: 'a published or earlier result',
};

/** Drawn as lines over the regions of the others: what they are held against. */
const OUTLINED: Partial<Record<ReportPosterior['method'], { filled: false; colour: string }>> = {
  spectra: { filled: false, colour: OKABE_ITO[2] },
  reference: { filled: false, colour: '#000000' },
};

export function posteriorsSection(data: ReportData): Section | undefined {
  const { posteriors = [] } = data;
  if (posteriors.length === 0) return undefined;
  return {
    id: 'posteriors',
    title: 'Posterior',
    blocks: [methods(posteriors), cornerFigure(data, posteriors), summary(data, posteriors)],
  };
}

function methods(posteriors: readonly ReportPosterior[]): Html {
  const lines = posteriors.map(
    ({ label, method, samples }) =>
      html`<li><b>${label}</b>${label.startsWith(method) ? '' : ` (${method})`}: ${METHODS[method]}; ${grouped(samples.shape[0])} draws.</li>`,
  );
  return html`<ul class="plain">${lines}</ul>`;
}

function cornerFigure({ parameters }: ReportData, posteriors: readonly ReportPosterior[]): ReportFigure {
  const hasTruth = parameters.some((parameter) => parameter.truth !== undefined);
  const hasBounds = parameters.some((parameter) => parameter.bounds !== undefined);
  const svg = cornerPlot({
    posteriors: posteriors.map((posterior) => ({
      label: literalLabel(posterior.label),
      samples: posterior.samples,
      ...OUTLINED[posterior.method],
      ...(posterior.effectiveSize === undefined ? {} : { effectiveSize: posterior.effectiveSize }),
    })),
    labels: parameters.map((parameter) => pictureLabel(parameter.name)),
    ...(hasTruth ? { truth: parameters.map((parameter) => parameter.truth ?? Number.NaN) } : {}),
    ...(hasBounds
      ? { bounds: parameters.map((parameter) => parameter.bounds ?? ([-Infinity, Infinity] as const)) }
      : {}),
  });
  return {
    name: 'corner',
    svg,
    caption: html`What the map says about the parameters. On the diagonal the probability density of each; below it the regions that hold 68 %
      and 95 % of the probability of each pair. A tilted ellipse is a combination that the map leaves open: more matter with weaker clustering looks
      much the same. ${hasTruth ? 'Dashed: the values that made the map; they should lie within the regions as often as these say.' : ''}
      ${hasBounds ? 'Dotted: limits of the prior, where in view.' : ''}
      ${reserved(posteriors)}`,
  };
}

/** A warning where an estimator has not passed. */
function reserved(posteriors: readonly ReportPosterior[]): Html | undefined {
  const labels = posteriors.filter(({ reservation }) => reservation).map(({ label }) => label);
  if (labels.length === 0) return undefined;
  return html`<b>Not to be relied on: ${labels.join(', ')}.</b> Its regions may be too wide, too narrow or in the wrong place.`;
}

function summary({ parameters }: ReportData, posteriors: readonly ReportPosterior[]): Html {
  const names = parameters.map((parameter) => parameter.name);
  const rows = posteriors.flatMap((posterior, p) => {
    const summaries = summarizeSamples(posterior.samples, { names, probabilities: [0.16, 0.5, 0.84] });
    return summaries.map(({ name, mean, sd, quantiles }, i) => {
      const at = (value: number): string => withPrecisionOf(value, sd);
      const { truth, prior = '' } = parameters[i];
      const known = truth === undefined ? ['', ''] : [at(truth), fixed((mean - truth) / sd, 2)];
      // A parameter is named once, at the first of its rows.
      const [symbol, priorOnce] = p === 0 ? [pageLabel(name), prior] : ['', ''];
      return [symbol, posterior.label, at(mean), at(sd), ...quantiles.map(at), ...known, priorOnce];
    });
  });
  // Rows of one parameter together, so that methods are compared line by line.
  const byParameter = names.flatMap((_, i) => posteriors.map((__, p) => rows[p * names.length + i]));
  const columns = [
    'parameter',
    'posterior',
    'mean',
    'sd',
    '16 %',
    'median',
    '84 %',
    'truth',
    '(mean − truth) / sd',
    'prior',
  ];
  const used = columns.map((__, c) => byParameter.some((row) => row[c] !== ''));
  return table(
    columns.flatMap((head, c) =>
      used[c] ? [{ head, align: c >= 2 && c <= 8 ? ('right' as const) : ('left' as const) }] : [],
    ),
    byParameter.map((row) => row.filter((__, c) => used[c])),
  );
}
