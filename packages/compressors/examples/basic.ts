import {
  createCompressor,
  createConvolutionalNetwork,
  mapsInMemory,
  trainCompressor,
} from '@lensfield/compressors';
import { keyOf, normal } from '@lensfield/kernels';
import { initTensors, runTraining } from '@lensfield/tensors';

await initTensors();
const amplitude = normal(keyOf(1), 500);
const signal = normal(keyOf(2), 500 * 256).map((z, i) => Math.exp(0.3 * amplitude[i >> 8]) * z);
const maps = mapsInMemory(signal, [16, 16, 1]);
const targets = { shape: [500, 1], data: amplitude };

const network = createConvolutionalNetwork({ mapSize: 16, numBins: 1, numSummaries: 1, channels: [8, 8] });
const noise = { noiseSd: [0.5] };
const loss = { kind: 'mse' } as const;
const learningRate = { kind: 'cosine', rate: 1e-2 } as const;
const options = { network, maps, targets, noise, loss, learningRate, maxEpochs: 30 };
const { parameters } = await runTraining(trainCompressor({ ...options, key: keyOf(3) }));
// Signal of 1.2 and noise of 0.5 together: log(1.2) / 0.3 = 0.6 prior sd.
const map = { shape: [1, 16, 16, 1], data: normal(keyOf(4), 256).map((z) => 1.3 * z) };
console.log('amplitude in prior sd:', createCompressor(network, parameters).summarize(map).data[0]);
