import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn, normal } from '@lensfield/kernels';
import type { ParameterTree } from '@lensfield/tensors';
import type { RealNvp } from './real-nvp.ts';

/** Size of the last conditioner layer's weights relative to the others: the flow starts close to the identity. */
const OUTPUT_GAIN = 0.01;

/**
 * Random weights with which the flow is nearly the identity after standardisation.
 *
 * @returns Per layer i: `layer<i>/fromY`, `/fromContext`, `/bias0`, `/weights<k>`, `/bias<k>` of the conditioner,
 *   `/logScale`, `/logScaleBias`, `/shift`, `/shiftBias` of its two outputs, `/lower`, `/upper`, `/logDiagonal` of the
 *   mixing matrix.
 */
export function initFlow(key: Key, flow: RealNvp): ParameterTree {
  const weights: Record<string, NdArray<Float32Array>> = {};
  for (let layer = 0; layer < flow.numLayers; layer++) {
    const layerKey = foldIn(key, layer);
    conditionerShapes(flow).forEach(({ name, rows, columns, gain }, i) => {
      const data = normal(foldIn(layerKey, i), rows * columns);
      const sd = gain / Math.sqrt(Math.max(1, rows));
      weights[`layer${layer}/${name}`] = { shape: [rows, columns], data: data.map((value) => value * sd) };
    });
    for (const [name, length] of biasLengths(flow)) {
      weights[`layer${layer}/${name}`] = { shape: [length], data: new Float32Array(length) };
    }
    if (flow.mixing === 'linear') Object.assign(weights, identityMixing(flow, layer));
  }
  return weights;
}

interface MatrixShape {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly gain: number;
}

function conditionerShapes(flow: RealNvp): MatrixShape[] {
  const { dimension, contextDimension, hiddenUnits } = flow;
  const first = hiddenUnits[0]!;
  const last = hiddenUnits[hiddenUnits.length - 1]!;
  const fanIn = Math.max(1, contextDimension);
  const shapes: MatrixShape[] = [{ name: 'fromY', rows: dimension, columns: first, gain: 1 }];
  if (contextDimension > 0) shapes.push({ name: 'fromContext', rows: fanIn, columns: first, gain: 1 });
  for (let k = 1; k < hiddenUnits.length; k++) {
    shapes.push({ name: `weights${k}`, rows: hiddenUnits[k - 1]!, columns: hiddenUnits[k]!, gain: 1.4 });
  }
  for (const name of ['logScale', 'shift']) {
    shapes.push({ name, rows: last, columns: dimension, gain: OUTPUT_GAIN });
  }
  return shapes;
}

function biasLengths(flow: RealNvp): [name: string, length: number][] {
  const hidden = flow.hiddenUnits.map((units, k): [string, number] => [`bias${k}`, units]);
  return [...hidden, ['logScaleBias', flow.dimension], ['shiftBias', flow.dimension]];
}

/** Zeros in the strict triangles and in the log diagonal: the identity matrix. */
function identityMixing(flow: RealNvp, layer: number): ParameterTree {
  const { dimension } = flow;
  const square = () => ({ shape: [dimension, dimension], data: new Float32Array(dimension * dimension) });
  return {
    [`layer${layer}/lower`]: square(),
    [`layer${layer}/upper`]: square(),
    [`layer${layer}/logDiagonal`]: { shape: [dimension], data: new Float32Array(dimension) },
  };
}
