import type { VariationalHeadFor } from '@lensfield/compressors';
import type { Key } from '@lensfield/contracts';
import { createFlow, logProbTensor, trainFlow } from '@lensfield/flows';
import { runTraining } from '@lensfield/tensors';

const LAYERS = 4;
const UNITS = [64, 64];
const EPOCHS = 30;
const PATIENCE = 8;

/** A flow q(u | summaries), fitted to the summaries that training starts from, then trained with the compressor. */
export function flowHead(key: Key, dimension: number): VariationalHeadFor {
  const flow = createFlow({
    dimension,
    contextDimension: dimension,
    numLayers: LAYERS,
    hiddenUnits: UNITS,
  });
  return async (summaries, targets) => {
    const { parameters } = await runTraining(
      trainFlow({ flow, y: targets, context: summaries, key, maxEpochs: EPOCHS, patience: PATIENCE }),
    );
    return {
      parameters: parameters.weights,
      logProb: (weights, y, context) => logProbTensor(flow, weights, parameters.standardisation, y, context),
    };
  };
}
