// Size and power of `certify` of @lensfield/sbi: exact posteriors of a Gaussian problem, and the same made too wide or narrow by 20 % or shifted by
// 0.3 sd, in all parameters or in the first alone, each trial with simulations of its own:
// `node src/calibration-gate.mjs [--trials 200] [--simulations 500] [--dimension 1] [--local] [--json]`.
// Prints the share of trials that the gate rejects, with its binomial standard error. `--local` judges one observation by LC2ST alone.
import { parseArgs } from 'node:util';
import { foldIn, keyOf, loadKernels, normalFloat64 } from '@lensfield/kernels';
import { certify } from '@lensfield/sbi';

const { values: options } = parseArgs({
  options: {
    trials: { type: 'string', default: '200' },
    simulations: { type: 'string', multiple: true, default: ['500'] },
    dimension: { type: 'string', multiple: true, default: ['1', '2', '6'] },
    seed: { type: 'string', default: '1' },
    local: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const FAULTS = {
  exact: {},
  'too wide by 20 %': { width: 1.2 },
  'too narrow by 20 %': { width: 0.8 },
  'shifted by 0.3 sd': { shift: 0.3 },
  'too wide by 20 % in one': { width: 1.2, onlyFirst: true },
  'too narrow by 20 % in one': { width: 0.8, onlyFirst: true },
  'shifted by 0.3 sd in one': { shift: 0.3, onlyFirst: true },
  'the prior': { isPrior: true },
};

/** Of the exact posterior of x = theta + noise, both standard normal: mean x / 2. */
const SD = Math.SQRT1_2;
const kernels = options.local ? await loadKernels({ threads: 1 }) : undefined;

/** Its unconstrained coordinates are the parameters themselves. */
const standardNormalPrior = (dimension) => ({
  names: Array.from({ length: dimension }, (_, j) => `theta${j}`),
  toUnconstrained: (theta) => theta,
  fromUnconstrained: (theta) => ({ theta }),
});

/** Simulations of `dimension` such pairs, and a posterior with a fault. */
function problem(
  dimension,
  numSimulations,
  { width = 1, shift = 0, onlyFirst = false, isPrior = false },
  key,
) {
  const prior = standardNormalPrior(dimension);
  const theta = {
    shape: [numSimulations, dimension],
    data: normalFloat64(foldIn(key, 0), numSimulations * dimension),
  };
  const noise = normalFloat64(foldIn(key, 1), theta.data.length);
  const summaries = {
    shape: theta.shape,
    data: Float32Array.from(theta.data, (value, i) => value + noise[i]),
  };
  const faults = (j) => (onlyFirst && j > 0 ? [1, 0] : [width, shift]);
  const meanAndSd = (x, j) => {
    if (isPrior) return [0, 1];
    const [widthOf, shiftOf] = faults(j);
    return [x / 2 + shiftOf * SD, widthOf * SD];
  };
  /** Rows [n, k, dimension] made of standard normal ones, or back. */
  const mapped = ({ shape, data }, seen, map) => {
    const perRow = shape[1] * dimension;
    return data.map((value, i) => {
      const [row, j] = [Math.floor(i / perRow), i % dimension];
      return map(value, ...meanAndSd(seen.data[row * dimension + j], j));
    });
  };
  const sampleMany = (drawKey, seen, draws) => {
    const shape = [seen.shape[0], draws, dimension];
    const data = normalFloat64(drawKey, seen.shape[0] * draws * dimension);
    return { shape, data: mapped({ shape, data }, seen, (z, mean, sd) => mean + sd * z) };
  };
  const logProbMany = (points, seen) => {
    const z = mapped(points, seen, (value, mean, sd) => (value - mean) / sd);
    return Float64Array.from({ length: z.length / dimension }, (_, point) => {
      let sum = 0;
      for (let j = 0; j < dimension; j++) sum -= z[point * dimension + j] ** 2 / 2;
      return sum;
    });
  };
  return { prior, theta, summaries, sampleMany, logProbMany };
}

function isRejected(dimension, numSimulations, fault, key) {
  const { tests } = certify({
    ...problem(dimension, numSimulations, fault, key),
    key: foldIn(key, 2),
    numControlTrials: 1,
    ...(options.local && { local: { kernels, observation: new Float32Array(dimension).fill(0.8) } }),
  });
  return tests.some((test) => test.isRejected && (!options.local || test.method === 'lc2st'));
}

const numTrials = Number(options.trials);
for (const dimension of options.dimension.map(Number)) {
  for (const numSimulations of options.simulations.map(Number)) {
    for (const [name, fault] of Object.entries(FAULTS)) {
      // In one dimension the first is all; ranks are blind to the prior.
      if ((fault.onlyFirst && dimension === 1) || (fault.isPrior && !options.local)) continue;
      let numRejected = 0;
      for (let trial = 0; trial < numTrials; trial++) {
        const key = foldIn(foldIn(foldIn(keyOf(Number(options.seed)), dimension), numSimulations), trial);
        if (isRejected(dimension, numSimulations, fault, key)) numRejected++;
      }
      const share = numRejected / numTrials;
      const standardError = Math.sqrt((share * (1 - share)) / numTrials);
      console.log(
        options.json
          ? JSON.stringify({ dimension, numSimulations, posterior: name, share, standardError, numTrials })
          : `d = ${dimension}, ${numSimulations} simulations, ${name}: ${(100 * share).toFixed(1)} +- ${(100 * standardError).toFixed(1)} % of ${numTrials} rejected`,
      );
    }
  }
}
