import { conditionalDensity, createFlow, trainFlow } from '@lensfield/flows';
import { keyOf, normal } from '@lensfield/kernels';
import { initTensors, runTraining } from '@lensfield/tensors';

await initTensors();
const context = { shape: [2000, 1], data: normal(keyOf(1), 2000) };
const noise = normal(keyOf(2), 2000);
const y = { shape: [2000, 1], data: noise.map((e, i) => Math.sin(context.data[i]) + 0.1 * e) };

const flow = createFlow({ dimension: 1, contextDimension: 1, hiddenUnits: [32, 32] });
const training = trainFlow({ flow, y, context, key: keyOf(3), maxEpochs: 15 });
const { parameters, bestValidationLoss } = await runTraining(training);

const density = conditionalDensity(flow, parameters);
const draws = density.sample(keyOf(4), Float32Array.of(1), 5);
console.log(
  `-log q = ${bestValidationLoss.toFixed(2)} nats; the truth has ${(Math.log(0.1) + 1.42).toFixed(2)}`,
);
console.log('y given context 1:', draws.data);
