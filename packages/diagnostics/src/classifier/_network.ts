import type { Key } from '@lensfield/contracts';
import { splitKey, uniform } from '@lensfield/kernels';
import type { MatrixProduct } from './_matrix-product.ts';

/** One dense layer as views into the flat parameters of the network. */
interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs] */
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

/** A network of dense layers with ReLU between them and one logit at the end. `parameters` holds all layers one after another. */
export interface Network {
  readonly parameters: Float32Array;
  readonly layers: readonly Layer[];
}

const numParameters = (widths: readonly number[]) =>
  widths.slice(1).reduce((sum, outputs, l) => sum + (widths[l] + 1) * outputs, 0);

/** Lays layers of these widths over flat parameters. */
export function networkOver(parameters: Float32Array, widths: readonly number[]): Network {
  let at = 0;
  const take = (length: number) => {
    at += length;
    return parameters.subarray(at - length, at);
  };
  const layers = widths.slice(1).map((outputs, l) => {
    const inputs = widths[l];
    return { inputs, outputs, weights: take(inputs * outputs), biases: take(outputs) };
  });
  return { parameters, layers };
}

/** A network with weights and biases uniform in +-sqrt(6 / (inputs + outputs)), as scikit-learn draws them. */
export function initNetwork(key: Key, widths: readonly number[]): Network {
  const network = networkOver(new Float32Array(numParameters(widths)), widths);
  const keys = splitKey(key, network.layers.length);
  for (const [l, layer] of network.layers.entries()) {
    const max = Math.sqrt(6 / (layer.inputs + layer.outputs));
    const drawn = uniform(keys[l], layer.weights.length + layer.outputs, { min: -max, max });
    layer.weights.set(drawn.subarray(0, layer.weights.length));
    layer.biases.set(drawn.subarray(layer.weights.length));
  }
  return network;
}

/** Room for the activations of a batch, `activations[0]` being the input, and for the derivatives by them. */
export interface Workspace {
  readonly activations: readonly Float32Array[];
  readonly derivatives: readonly Float32Array[];
}

export function workspaceFor(widths: readonly number[], batchSize: number): Workspace {
  const room = () => widths.map((width) => new Float32Array(width * batchSize));
  return { activations: room(), derivatives: room() };
}

/** Fills the activations from the input; the last ones are the logits. */
export function forward(
  { layers }: Network,
  work: Workspace,
  numRows: number,
  product: MatrixProduct,
): Float32Array {
  for (const [l, { inputs, outputs, weights, biases }] of layers.entries()) {
    const out = work.activations[l + 1];
    product(work.activations[l], weights, out, { m: numRows, n: outputs, k: inputs });
    const isHidden = l + 1 < layers.length;
    for (let row = 0, at = 0; row < numRows; row++) {
      for (let j = 0; j < outputs; j++, at++) {
        const value = out[at] + biases[j];
        out[at] = isHidden && value < 0 ? 0 : value;
      }
    }
  }
  return work.activations[layers.length];
}

/** Fills the gradient by the parameters from the derivatives by the logits (the last ones of the workspace). */
export function backward(
  network: Network,
  gradient: Network,
  work: Workspace,
  numRows: number,
  product: MatrixProduct,
): void {
  for (let l = network.layers.length - 1; l >= 0; l--) {
    const { inputs, outputs, weights } = network.layers[l];
    const input = work.activations[l];
    const byOutput = work.derivatives[l + 1];
    product(input, byOutput, gradient.layers[l].weights, {
      m: inputs,
      n: outputs,
      k: numRows,
      transposeA: true,
    });
    sumOfRows(byOutput, gradient.layers[l].biases, numRows);
    if (l === 0) return;
    const byInput = work.derivatives[l];
    product(byOutput, weights, byInput, { m: numRows, n: inputs, k: outputs, transposeB: true });
    for (let i = 0; i < numRows * inputs; i++) if (input[i] === 0) byInput[i] = 0;
  }
}

function sumOfRows(rows: Float32Array, out: Float32Array, numRows: number): void {
  const width = out.length;
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (let row = 0; row < numRows; row++) sum += rows[row * width + j];
    out[j] = sum;
  }
}
