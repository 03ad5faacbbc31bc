// NPE, NLE and NRE on the 1000 simulations of the linear 6-d problem in `$LENSFIELD_PEERS/torch/data`: C2ST of 1000 draws against the
// exact posterior, seconds of training and of drawing 1000 (10 000 for NPE), one JSON line each, as `bench_sbi.py` there has them of sbi:
// `LENSFIELD_PEERS=… node src/estimators.mjs [--method npe] [--seeds 3] [--members 1] [--threads 1]`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { c2st } from '@lensfield/diagnostics';
import { decodeNpy } from '@lensfield/io';
import { cholesky, inverse, keyOf, loadKernels, normalFloat64 } from '@lensfield/kernels';
import { jointPrior, nle, normal, npe, nre } from '@lensfield/sbi';
import { initTensors, runTraining } from '@lensfield/tensors';

const NOISE = 0.3;
const { values: options } = parseArgs({
  options: {
    method: { type: 'string', multiple: true, default: ['npe', 'nle', 'nre'] },
    seeds: { type: 'string', default: '3' },
    members: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
  },
});

const data = (name) =>
  decodeNpy(readFileSync(join(process.env.LENSFIELD_PEERS, 'torch/data', `${name}.npy`)));

/** Draws of N(m, S), S = (I + A'A / noise^2)^-1, m = S A'x / noise^2. */
function exactDraws(x, n) {
  const { shape, data: A } = data('A');
  const d = shape[1];
  const precision = Float64Array.from({ length: d * d }, (_, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    let sum = i === j ? 1 : 0;
    for (let k = 0; k < d; k++) sum += (A[k * d + i] * A[k * d + j]) / NOISE ** 2;
    return sum;
  });
  const covariance = inverse(precision, d);
  const right = Float64Array.from({ length: d }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += (A[k * d + i] * x[k]) / NOISE ** 2;
    return sum;
  });
  const factor = cholesky(covariance, d);
  const z = normalFloat64(keyOf(3), n * d);
  const draws = Float32Array.from({ length: n * d }, (_, at) => {
    const [row, i] = [at - (at % d), at % d];
    let value = 0;
    for (let j = 0; j < d; j++) value += covariance[i * d + j] * right[j];
    for (let j = 0; j <= i; j++) value += factor[i * d + j] * z[row + j];
    return value;
  });
  return { shape: [n, d], data: draws };
}

const METHODS = { npe: [npe, 10_000], nle: [nle, 1000], nre: [nre, 1000] };

await initTensors({ threads: Number(options.threads) });
const kernels = await loadKernels();
const theta = data('theta_linear');
const t = data('t_linear');
const summaries = { shape: t.shape, data: Float32Array.from(t.data) };
const observation = Float32Array.from(data('x_obs').data);
const names = Array.from({ length: 6 }, (_, i) => `theta_${i + 1}`);
const prior = jointPrior(Object.fromEntries(names.map((name) => [name, normal({ mean: 0, sd: 1 })])));
const reference = exactDraws(observation, 1000);
/* All simulations train, as in bench_sbi.py: the calibration, whose time counts, has twenty of them again. */
const few = (array) => ({ shape: [20, 6], data: array.data.slice(0, 120) });
const heldOut = { theta: few(theta), summaries: few(summaries) };
const seconds = (since) => Number(((performance.now() - since) / 1000).toFixed(2));

for (const method of options.method) {
  const [estimate, draws] = METHODS[method];
  for (let seed = 0; seed < Number(options.seeds); seed++) {
    const start = performance.now();
    const numMembers = Number(options.members);
    const result = await runTraining(
      estimate({ key: keyOf(seed), prior, theta, summaries, heldOut, numMembers }),
    );
    const trainSeconds = seconds(start);
    const sampling = performance.now();
    const posterior = result.estimator.posteriorFor(observation);
    const drawn = posterior.draw?.(keyOf(100 + seed), draws);
    const samples = drawn?.samples ?? posterior.sample(keyOf(100 + seed), draws);
    const sampleSeconds = seconds(sampling);
    const first = { shape: [1000, 6], data: samples.data.slice(0, 6000) };
    const { accuracy } = c2st({ samples: first, reference, kernels, key: keyOf(seed) });
    const { rhat, effectiveSampleSize, evaluations, warnings } = drawn?.report ?? {};
    const report = { rhat, effectiveSampleSize, evaluations, warnings };
    const epochs = result.members[0].history.length;
    console.log(
      JSON.stringify({ method, seed, c2st: accuracy, trainSeconds, epochs, sampleSeconds, draws, ...report }),
    );
  }
}
