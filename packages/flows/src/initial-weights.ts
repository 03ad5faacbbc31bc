import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn, normal, uniformFloat64 } from '@lensfield/kernels';
import type { ParameterTree } from '@lensfield/tensors';
import { couplingMask } from './coordinate-order.ts';
import type { AutoregressiveFlow, BijectiveFlow, Flow, LayeredFlow } from './flow.ts';
import { mixtureOutputs } from './gaussian-mixture.ts';
import { type TransformOutput, transformKind } from './transforms/transform.ts';

/** Size of the last conditioner layer's weights relative to the others: the flow starts close to the identity. */
const OUTPUT_GAIN = 0.01;

/**
 * Random weights with which the flow is nearly the identity after standardisation (a mixture: components of unit width around
 * centres that are drawn).
 *
 * @returns Per layer i: `layer<i>/fromY`, `/fromContext`, `/bias0`, `/weights<k>`, `/bias<k>` of the conditioner; a matrix and a
 *   bias for each of its outputs: `/logScale`, `/shift` (affine), `/widths`, `/heights`, `/slopes` (spline), `/logits`,
 *   `/slopes`, `/shifts` (smooth), with `Bias` after the name for the bias; `/lower`, `/upper`, `/logDiagonal` of the mixing
 *   matrix. A mixture has one network, `mixture/`, with outputs `logits`, `means`, `logDiagonals`, `above`.
 */
export function initFlow(key: Key, flow: Flow): ParameterTree {
  if (flow.kind === 'mixture') return initMixture(key, flow);
  const weights: Record<string, NdArray<Float32Array>> = {};
  for (let layer = 0; layer < flow.numLayers; layer++) {
    const network = { flow, usesY: true, outputs: layerOutputs(flow, layer) };
    Object.assign(weights, initNetwork(foldIn(key, layer), `layer${layer}`, network));
    if (flow.kind === 'maf') weights[`layer${layer}/bias0`] = spreadBiases(foldIn(key, layer), flow);
    if (flow.mixing === 'linear') Object.assign(weights, identityMixing(flow, layer));
  }
  return weights;
}

/** The columns of a layer's outputs: an affine coupling and an autoregressive layer have them for every coordinate. */
function layerOutputs(flow: BijectiveFlow, layer: number): TransformOutput[] {
  const transform = flow.kind === 'maf' ? flow.transform : flow;
  const isSelective = flow.kind === 'spline' || flow.kind === 'smooth';
  const numMoved = isSelective
    ? couplingMask(flow, layer).filter((pass) => pass === 0).length
    : flow.dimension;
  return transformKind(transform)
    .outputs(transform)
    .map(({ name, length }) => ({ name, length: length * numMoved }));
}

function initMixture(key: Key, flow: Extract<Flow, { kind: 'mixture' }>): ParameterTree {
  const weights = initNetwork(key, 'mixture', { flow, usesY: false, outputs: mixtureOutputs(flow) });
  const centres = normal(foldIn(key, CENTRES), flow.numComponents * flow.dimension).map(
    (value) => CENTRE_SPREAD * value,
  );
  return { ...weights, 'mixture/meansBias': { shape: [centres.length], data: centres } };
}

/**
 * First layer of an autoregressive network, whose numbers for the coordinates of low rank depend on few inputs: with larger weights
 * and biases uniform in +-2 its units bend at places that cover the data, instead of all at zero. Test log densities of two moons
 * rise from -2.10 to -2.01 nats.
 */
const AUTOREGRESSIVE_GAIN = 2;

/** Spread of a mixture's first centres relative to the width of its components: apart, and no wider than the data. */
const CENTRE_SPREAD = 0.5;

/** Folds of the key beyond those of the matrices. */
const CENTRES = 1000;
const BIASES = 1001;

function spreadBiases(key: Key, { hiddenUnits }: AutoregressiveFlow): NdArray<Float32Array> {
  const uniform = uniformFloat64(foldIn(key, BIASES), hiddenUnits[0]!);
  const data = Float32Array.from(uniform, (u) => AUTOREGRESSIVE_GAIN * (2 * u - 1));
  return { shape: [data.length], data };
}

interface Network {
  readonly flow: Flow;
  readonly usesY: boolean;
  readonly outputs: readonly TransformOutput[];
}

function initNetwork(key: Key, prefix: string, network: Network): ParameterTree {
  const weights: Record<string, NdArray<Float32Array>> = {};
  networkShapes(network).forEach(({ name, rows, columns, gain }, i) => {
    const data = normal(foldIn(key, i), rows * columns);
    const sd = gain / Math.sqrt(Math.max(1, rows));
    weights[`${prefix}/${name}`] = { shape: [rows, columns], data: data.map((value) => value * sd) };
  });
  const biases = [
    ...network.flow.hiddenUnits.map((units, k) => ({ name: `bias${k}`, length: units })),
    ...network.outputs.map(({ name, length }) => ({ name: `${name}Bias`, length })),
  ];
  for (const { name, length } of biases) {
    weights[`${prefix}/${name}`] = { shape: [length], data: new Float32Array(length) };
  }
  return weights;
}

interface MatrixShape {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly gain: number;
}

function networkShapes({ flow, usesY, outputs }: Network): MatrixShape[] {
  const { dimension, contextDimension, hiddenUnits } = flow;
  const first = hiddenUnits[0]!;
  const last = hiddenUnits[hiddenUnits.length - 1]!;
  const shapes: MatrixShape[] = [];
  const gain = flow.kind === 'maf' ? AUTOREGRESSIVE_GAIN : 1;
  if (usesY) shapes.push({ name: 'fromY', rows: dimension, columns: first, gain });
  if (contextDimension > 0) {
    shapes.push({ name: 'fromContext', rows: contextDimension, columns: first, gain: 1 });
  }
  for (let k = 1; k < hiddenUnits.length; k++) {
    shapes.push({ name: `weights${k}`, rows: hiddenUnits[k - 1]!, columns: hiddenUnits[k]!, gain: 1.4 });
  }
  for (const { name, length } of outputs) {
    shapes.push({ name, rows: last, columns: length, gain: OUTPUT_GAIN });
  }
  return shapes;
}

/** Zeros in the strict triangles and in the log diagonal: the identity matrix. */
function identityMixing(flow: LayeredFlow, layer: number): ParameterTree {
  const { dimension } = flow;
  const square = () => ({ shape: [dimension, dimension], data: new Float32Array(dimension * dimension) });
  return {
    [`layer${layer}/lower`]: square(),
    [`layer${layer}/upper`]: square(),
    [`layer${layer}/logDiagonal`]: { shape: [dimension], data: new Float32Array(dimension) },
  };
}
