import { keyOf, normal } from '@lensfield/kernels';
import { jointPrior, normal as normalPrior, npe, uniform } from '@lensfield/sbi';
import { initTensors, runTraining } from '@lensfield/tensors';

await initTensors();
const prior = jointPrior({ slope: uniform({ low: 0, high: 2 }), offset: normalPrior({ mean: 0, sd: 1 }) });
const theta = prior.sample(keyOf(1), 2000);
const noise = normal(keyOf(2), 3 * 2000);
const line = (i: number, k: number) => theta.data[2 * i] * k + theta.data[2 * i + 1];
const data = noise.map((e, j) => line(Math.floor(j / 3), j % 3) + 0.2 * e);

const summaries = { shape: [2000, 3], data };
const result = await runTraining(
  npe({ key: keyOf(3), prior, theta, summaries, training: { maxEpochs: 20 } }),
);
if (result.stopped === 'finished') {
  const posterior = result.estimator.posteriorFor(Float32Array.of(0.5, 1.5, 2.5));
  console.log(posterior.names, posterior.sample(keyOf(4), 3).data);
  console.log(result.calibration.statement, 'leaked:', posterior.leakedFraction);
}
