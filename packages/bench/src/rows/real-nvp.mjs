import { createFlow, identityStandardisation, initFlow, logProbTensor } from '@lensfield/flows';
import { keyOf, normal } from '@lensfield/kernels';
import { tf } from '@lensfield/tensors';
import { adamStep } from './training-step.mjs';

const SETTINGS = { batch: 128, dimension: 6, context: 6, hidden: 128, layers: 4 };

const draws = (seed, width) =>
  tf.tensor2d(normal(keyOf(seed), SETTINGS.batch * width), [SETTINGS.batch, width]);

/** Maximum likelihood of a flow without mixing matrices; with the score, the squared error of its gradient in y is added. */
export function realNvp(withScore) {
  const { dimension, context: contextDimension, layers: numLayers, hidden } = SETTINGS;
  const flow = createFlow({
    dimension,
    contextDimension,
    numLayers,
    hiddenUnits: [hidden, hidden],
    mixing: 'permutation',
  });
  const standardisation = identityStandardisation(dimension, contextDimension);
  const [y, context, score] = [draws(1, dimension), draws(2, contextDimension), draws(3, dimension)];
  const sumOfLogProb = (weights) => (at) =>
    tf.sum(logProbTensor(flow, weights, standardisation, at, context));
  const meanOf = (sum) => tf.mul(sum, 1 / SETTINGS.batch);
  const likelihood = (weights) => tf.neg(meanOf(sumOfLogProb(weights)(y)));
  const likelihoodAndScore = (weights) => {
    const { value, grad } = tf.valueAndGrad(sumOfLogProb(weights))(y);
    return meanOf(tf.sub(tf.sum(tf.squaredDifference(grad, score)), value));
  };
  return { parameters: initFlow(keyOf(4), flow), loss: withScore ? likelihoodAndScore : likelihood };
}

function flowRow(name, withScore, comparisons) {
  const settings = { ...SETTINGS, score: withScore };
  return {
    name,
    ours() {
      const { loss, parameters } = realNvp(withScore);
      return adamStep(loss, parameters);
    },
    peers: {
      torch: { script: 'real_nvp_torch.py', ...settings },
      JAX: { script: 'real_nvp_jax.py', ...settings },
    },
    comparisons: [
      ...comparisons,
      { ours: 'wasm', peer: 'torch', atMost: 1 },
      { ours: 'chromium', peer: 'wasm', atMost: 1.3 },
    ],
  };
}

/** Adam steps of a conditional RealNVP. */
export const realNvpRows = [
  flowRow('real-nvp', false, [
    { ours: 'native', peer: 'torch', atMost: 0.35 },
    { ours: 'native', peer: 'JAX', atMost: 1, goal: 0.5 },
  ]),
  flowRow('real-nvp-score', true, [
    { ours: 'native', peer: 'torch', atMost: 0.35 },
    { ours: 'native', peer: 'JAX', atMost: 1, goal: 0.5 },
  ]),
];
