// Corner plot of the posteriors of one map under the three readings of the shifts, in the order of LABELS:
// `node src/shift-posteriors.mjs --out shifts.png SBI_LENS SBI_LENS_TABLE NONE`, each the folder of a run of `lensfield infer explicit`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FIDUCIAL_PARAMETERS } from '@lensfield/lognormal';
import { cornerPlot, literalLabel } from '@lensfield/plots';
import { toPng } from '@lensfield/plots/png';

const { values: options, positionals: folders } = parseArgs({
  options: { out: { type: 'string', default: 'shift-posteriors.png' } },
  allowPositionals: true,
});

const LABELS = ['sbi_lens', 'sbi_lens_table', 'none'];
const NAMES = ['Ω_c', 'Ω_b', 'σ_8', 'h', 'n_s', 'w_0'];

/** The full-field posterior of a run, and the bounds of its parameters. */
function posteriorOf(folder) {
  const { posteriors, parameters } = JSON.parse(readFileSync(join(folder, 'report-data.json'), 'utf8'));
  const { samples, effectiveSize } = posteriors.find(({ method }) => method === 'explicit');
  const bytes = Uint8Array.from(Buffer.from(samples.data.base64, 'base64'));
  const data = new globalThis[samples.data.$array](bytes.buffer);
  return { parameters, posterior: { samples: { shape: samples.shape, data }, effectiveSize } };
}

const runs = folders.map(posteriorOf);
const { parameters } = runs[0];
const svg = cornerPlot({
  posteriors: runs.map(({ posterior }, i) => ({ label: literalLabel(LABELS[i]), ...posterior })),
  labels: NAMES,
  bounds: parameters.map(({ bounds }) => bounds.map((bound) => Number(bound.$number ?? bound))),
  truth: Object.values(FIDUCIAL_PARAMETERS),
  truthLabel: 'the map',
});
writeFileSync(options.out, toPng(svg));
