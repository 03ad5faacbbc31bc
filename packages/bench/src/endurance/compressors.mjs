import {
  bandPowers,
  createConvolutionalNetwork,
  createFeatureBank,
  mapStatistics,
  mapsInMemory,
  trainCompressor,
  trainOnFeatures,
} from '@lensfield/compressors';
import { createFlow, logProbTensor, trainFlow } from '@lensfield/flows';
import { foldIn, keyOf, normal } from '@lensfield/kernels';
import { runTraining, tf } from '@lensfield/tensors';
import { rowsFor, stepsOfTraining, trainingOptions } from './rounds.mjs';

const SIZE = 16;
const PIXELS = SIZE ** 2;
const MAP_SHAPE = [SIZE, SIZE, 1];
const NOISE = { noiseSd: [0.5] };
const MAP_BATCH = 32;
/** That of the recipe. */
const FEATURE_BATCH = 128;

/** White noise times A = exp(0.3 u); u ~ N(0, 1) is the target. */
function amplitudeFields(numMaps) {
  const u = normal(keyOf(1), numMaps);
  const data = new Float32Array(numMaps * PIXELS);
  u.forEach((target, i) => {
    const amplitude = Math.exp(0.3 * target);
    data.set(
      normal(foldIn(keyOf(2), i), PIXELS).map((value) => amplitude * value),
      i * PIXELS,
    );
  });
  return { data, targets: { shape: [numMaps, 1], data: u } };
}

const NUM_BANDS = 4;
const bandPowersOn = (kernels) =>
  mapStatistics({ kernels, mapSize: SIZE, numBins: 1 }, bandPowers({ numBands: NUM_BANDS }));

function networkOf(options) {
  return createConvolutionalNetwork({ mapSize: SIZE, numBins: 1, numSummaries: 1, ...options });
}

const mse = { kind: 'mse' };

/** log N(u; a t + b, e^c). */
const gaussianHead = {
  parameters: {
    slope: { shape: [1, 1], data: Float32Array.of(0.5) },
    offset: { shape: [1], data: new Float32Array(1) },
    logSd: { shape: [1], data: new Float32Array(1) },
  },
  logProb({ slope, offset, logSd }, targets, summaries) {
    const mean = tf.add(tf.matMul(summaries, slope), offset);
    const z = tf.div(tf.sub(targets, mean), tf.exp(logSd));
    return tf.sum(tf.sub(tf.mul(tf.square(z), -0.5), tf.add(logSd, 0.5 * Math.log(2 * Math.PI))), 1);
  },
};

/** A flow that is fitted to the first summaries, as the recipes of lensfield do. */
async function flowHead(summaries, targets) {
  const flow = createFlow({ kind: 'affine', dimension: 1, contextDimension: 1, hiddenUnits: [64, 64] });
  const training = trainFlow({ flow, y: targets, context: summaries, key: keyOf(5), maxEpochs: 5 });
  const { weights, standardisation } = (await runTraining(training)).parameters;
  return {
    parameters: weights,
    logProb: (tensors, y, context) => logProbTensor(flow, tensors, standardisation, y, context),
  };
}

const vmim = (head) => ({ kind: 'vmim', head });

function onMaps(name, loss, options) {
  const network = networkOf(options);
  const { activation, channels, residualBlocks, numFeatures } = network;
  const parts = [`channels ${channels.join('-')}`, activation];
  if (residualBlocks > 0) parts.push('residual blocks');
  if (numFeatures > 0) parts.push(`${numFeatures} band powers`);
  return {
    name,
    sizes: `${parts.join(', ')}, ${SIZE}^2 x 1, batch ${MAP_BATCH}`,
    train(settings) {
      const { data, targets } = amplitudeFields(rowsFor(MAP_BATCH));
      const given = numFeatures > 0 ? { features: bandPowersOn(settings.kernels).features } : {};
      const maps = mapsInMemory(data, MAP_SHAPE);
      const source = { network, maps, targets, noise: NOISE, loss, ...given };
      return stepsOfTraining(
        trainCompressor({ ...source, key: keyOf(4), ...trainingOptions(settings, MAP_BATCH) }),
      );
    },
  };
}

function onFeatures(name, loss) {
  const network = networkOf({ channels: [], hiddenUnits: [64], activation: 'silu', numFeatures: NUM_BANDS });
  return {
    name,
    sizes: `${NUM_BANDS} band powers, hidden 64, silu, batch ${FEATURE_BATCH}`,
    train(settings) {
      const numMaps = rowsFor(FEATURE_BATCH);
      const { data, targets } = amplitudeFields(numMaps);
      const statistics = bandPowersOn(settings.kernels);
      const bank = createFeatureBank({ statistics, mapShape: MAP_SHAPE, noise: NOISE, key: keyOf(6) });
      for (let i = 0; i < numMaps; i++) bank.add(data.subarray(i * PIXELS, (i + 1) * PIXELS));
      const source = { network, bank, targets, loss };
      return stepsOfTraining(
        trainOnFeatures({ ...source, key: keyOf(4), ...trainingOptions(settings, FEATURE_BATCH) }),
      );
    },
  };
}

const SMALL = { channels: [8, 8], hiddenUnits: [16] };

/** @type {import('./rounds.mjs').Network[]} */
export const compressorNetworks = [
  onMaps('compressor', mse, {}),
  onMaps('compressor-residual', mse, {
    ...SMALL,
    activation: 'leakyRelu',
    pooling: 'mean',
    residualBlocks: 1,
    firstPooling: 2,
    numFeatures: NUM_BANDS,
  }),
  onMaps('compressor-vmim', vmim(gaussianHead), { ...SMALL, activation: 'silu' }),
  onMaps('compressor-vmim-flow', vmim(flowHead), { ...SMALL, activation: 'silu', numFeatures: NUM_BANDS }),
  onFeatures('features', mse),
  onFeatures('features-vmim-flow', vmim(flowHead)),
];
