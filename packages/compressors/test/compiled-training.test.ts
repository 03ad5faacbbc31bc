import { keyOf } from '@lensfield/kernels';
import { initTensors, kernelReport, runTraining } from '@lensfield/tensors';
import { expect, test } from 'vitest';
import { trainCompressor } from '../src/index.ts';
import { amplitudeFields, logVariance, toyNetwork } from './_toy-fields.ts';

await initTensors();

test.each([
  ['relu', 'mean', 0, 0],
  ['leakyRelu', 'mean-and-square', 1, 1],
  ['silu', 'mean', 0, 1],
] as const)(
  'of a network with %s and pooling by %s equals that on the tape',
  async (activation, pooling, residualBlocks, numFeatures) => {
    const network = toyNetwork({ activation, pooling, residualBlocks, numFeatures });
    const run = (compile: boolean) =>
      runTraining(
        trainCompressor({
          network,
          ...amplitudeFields(300, 20),
          noise: { noiseSd: [0.5] },
          loss: { kind: 'mse' },
          key: keyOf(1),
          batchSize: 40,
          maxEpochs: 6,
          ...(numFeatures > 0 && { features: logVariance.features }),
          compile,
        }),
      );
    const taped = await run(false);
    kernelReport({ reset: true });
    const compiled = await run(true);
    // The same kernel calls: any difference is an error of the replay.
    expect(compiled.history).toEqual(taped.history);
    expect(compiled.parameters.weights).toEqual(taped.parameters.weights);
    expect(compiled.state.buffers).toEqual(taped.state.buffers);
    expect(kernelReport().fallbacks).toEqual({});
  },
);
