// The analytic shifts beside the public table of CosmoMentum shifts over its inner region (0.15 < omega_m < 0.5, 0.5 < sigma_8 < 1.1, all w_0):
// `node src/shift-table.mjs [--table lognormal_shifts_LSSTY10_om_s8_w_bin.npy] [--figures DIR]`. Without the file the grid that @lensfield/lognormal carries
// stands for it (2e-4 of it). Slopes are those of the polynomial through the eight nodes of an axis, in the logarithm of the shift.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSpectraAndShifts, sbiLensShifts, sourceBins, surveyPreset } from '@lensfield/lognormal';
import { histogramPlot } from '@lensfield/plots';
import { toPng } from '@lensfield/plots/png';

const { values: options } = parseArgs({
  options: { table: { type: 'string' }, figures: { type: 'string' } },
});

const [BINS, NODES] = [5, 8];
const FIXED = { omegaB: 0.0492, h: 0.6727, nS: 0.9645 };
const axis = (low, high) => Array.from({ length: NODES }, (_, i) => low + ((high - low) * i) / (NODES - 1));
/* In the order of the table. */
const AXES = [axis(0.3, 1.3), axis(0.1, 0.9), axis(-2, -0.3)];
const NAMES = ['sigma_8', 'omega_m', 'w_0'];
/* Rows of the Jacobian, in omega_c, omega_b, sigma_8, h_0, n_s, w_0. */
const ROWS = [2, 0, 5];

const thetaAt = ([sigma8, omegaM, w0]) => [
  omegaM - FIXED.omegaB,
  FIXED.omegaB,
  sigma8,
  FIXED.h,
  FIXED.nS,
  w0,
];

function readTable() {
  if (options.table === undefined)
    return (at, bin) => sbiLensShifts(thetaAt(at.map((i, a) => AXES[a][i])), 'correct').values[bin];
  const bytes = readFileSync(options.table);
  const values = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset + 10 + bytes.readUInt16LE(8), bytes.byteOffset + bytes.length),
  );
  return ([i, j, k], bin) => values[(((i * NODES + j) * NODES + k) * BINS + bin) * 5 + 4];
}

/** Weights of the derivative at node `at` of the polynomial through all nodes. */
function slopeWeights(nodes, at) {
  const barycentric = nodes.map((x, i) => 1 / nodes.reduce((p, y, j) => (i === j ? p : p * (x - y)), 1));
  const weights = nodes.map((x, i) => (i === at ? 0 : barycentric[i] / barycentric[at] / (nodes[at] - x)));
  weights[at] = -weights.reduce((sum, weight) => sum + weight, 0);
  return weights;
}

const table = readTable();
const survey = surveyPreset('lsst-y10');
const recipe = createSpectraAndShifts({ bins: sourceBins(survey), ell: [100, 1000], pixelSizeArcmin: 2.34 });
const errors = Array.from({ length: BINS }, () => []);
const slopeErrors = NAMES.map(() => []);
for (let i = 0; i < NODES; i++)
  for (let j = 0; j < NODES; j++)
    for (let k = 0; k < NODES; k++) {
      const at = [i, j, k];
      const node = at.map((n, a) => AXES[a][n]);
      if (node[1] <= 0.15 || node[1] >= 0.5 || node[0] <= 0.5 || node[0] >= 1.1) continue;
      const { values, jacobian } = recipe.evaluate(thetaAt(node)).shifts;
      for (let bin = 0; bin < BINS; bin++) {
        errors[bin].push(values[bin] / table(at, bin) - 1);
        AXES.forEach((nodes, a) => {
          const slope = slopeWeights(nodes, at[a]).reduce(
            (sum, weight, n) => sum + weight * Math.log(table(at.with(a, n), bin)),
            0,
          );
          slopeErrors[a].push(jacobian[ROWS[a] * BINS + bin] / values[bin] - slope);
        });
      }
    }
const quantile = (list, q) =>
  list
    .map(Math.abs)
    .toSorted((a, b) => a - b)
    [Math.ceil(q * list.length) - 1].toExponential(1);
const summary = (list) =>
  `median ${quantile(list, 0.5)}, 90 % ${quantile(list, 0.9)}, largest ${quantile(list, 1)}`;
console.log(
  `shift over that of the table, less one: ${summary(errors.flat())} (${errors.flat().length} entries)`,
);
for (const [a, name] of NAMES.entries())
  console.log(`d ln shift / d ${name} less that of the table: ${summary(slopeErrors[a])}`);

/** Shares of the entries in intervals from -limit to limit; what lies beyond counts in the last. */
function histogram(label, list, limit) {
  const [intervals, width] = [24, limit / 12];
  const values = new Array(intervals).fill(0);
  for (const x of list)
    values[Math.min(intervals - 1, Math.max(0, Math.floor((x + limit) / width)))] += 1 / list.length;
  return { label, edges: Array.from({ length: intervals + 1 }, (_, i) => i * width - limit), values };
}

if (options.figures !== undefined) {
  const write = (name, series, xLabel) =>
    writeFileSync(
      join(options.figures, `${name}.png`),
      toPng(histogramPlot({ series, xLabel, yLabel: 'share of the nodes' })),
    );
  write(
    'shift-ratio',
    errors.map((list, bin) => histogram(`bin ${bin + 1}`, list, 0.048)),
    'shift of the recipe over that of the table, less one',
  );
  write(
    'shift-slopes',
    slopeErrors.map((list, a) => histogram(`d / d ${NAMES[a]}`, list, 0.12)),
    'd ln shift of the recipe less that of the table',
  );
}
