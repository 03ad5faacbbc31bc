import type { Key } from '@lensfield/contracts';
import { binary, gemm, type Kernels, splitKey, unary, uniform } from '@lensfield/kernels';

/**
 * One dense layer in homogeneous coordinates: points carry a last coordinate 1, so that the biases are the last row of one matrix, and the
 * last column (0, ..., 0, 1) hands the 1 on. So one matrix product does a layer, and one its gradient. The logit needs no 1.
 */
interface Layer {
  /** Rows and columns of `matrix`, the constant ones included. */
  readonly rows: number;
  readonly columns: number;
  readonly matrix: Float32Array;
  /** Whether the last column is the constant one. */
  readonly isHidden: boolean;
}

/** Dense layers with ReLU between them and one logit at the end, as views of one array of parameters. */
export interface Network {
  readonly parameters: Float32Array;
  readonly layers: readonly Layer[];
}

/** Zeros for a network of `inputs` coordinates and these hidden layers. The caller frees `parameters`. */
export function emptyNetwork(kernels: Kernels, inputs: number, hiddenUnits: readonly number[]): Network {
  const rows = [inputs, ...hiddenUnits].map((units) => units + 1);
  const columns = rows.map((_, l) => rows[l + 1] ?? 1);
  const parameters = kernels.float32(rows.reduce((sum, r, l) => sum + r * columns[l], 0));
  let at = 0;
  const layers = rows.map((r, l) => {
    const start = at;
    at += r * columns[l];
    return {
      rows: r,
      columns: columns[l],
      matrix: parameters.subarray(start, at),
      isHidden: l + 1 < rows.length,
    };
  });
  return { parameters, layers };
}

/** Draws weights and biases uniform in +-sqrt(6 / (inputs + outputs)), as scikit-learn does. */
export function drawParameters(network: Network, key: Key): void {
  const keys = splitKey(key, network.layers.length);
  for (const [l, { rows, columns, matrix, isHidden }] of network.layers.entries()) {
    const outputs = isHidden ? columns - 1 : columns;
    const max = Math.sqrt(6 / (rows - 1 + outputs));
    const drawn = uniform(keys[l], rows * outputs, { min: -max, max });
    matrix.fill(0);
    drawn.forEach((value, i) => {
      matrix[Math.floor(i / outputs) * columns + (i % outputs)] = value;
    });
    if (isHidden) matrix[rows * columns - 1] = 1;
  }
}

/** Room for a batch: the homogeneous input and output of every layer, and the derivatives by them. */
export interface Workspace {
  readonly numRows: number;
  readonly activations: readonly Float32Array[];
  readonly derivatives: readonly Float32Array[];
  /** The arrays to free. */
  readonly owned: readonly Float32Array[];
}

export function workspaceFor(kernels: Kernels, { layers }: Network, numRows: number): Workspace {
  const widths = [layers[0].rows, ...layers.map((layer) => layer.columns)];
  const activations = widths.map((width) => kernels.float32(numRows * width));
  const derivatives = widths.map((width) => kernels.float32(numRows * width));
  return { numRows, activations, derivatives, owned: [...activations, ...derivatives] };
}

/** The same room for a shorter batch. */
export function firstRows(work: Workspace, numRows: number): Workspace {
  if (numRows === work.numRows) return work;
  const shorten = (array: Float32Array) => array.subarray(0, (array.length / work.numRows) * numRows);
  return {
    numRows,
    activations: work.activations.map(shorten),
    derivatives: work.derivatives.map(shorten),
    owned: [],
  };
}

/** Fills the activations from the input, `activations[0]`; returns the last, the logits. */
export function forward(kernels: Kernels, { layers }: Network, work: Workspace): Float32Array {
  for (let l = 0; l < layers.length; l++) {
    const { rows, columns, matrix, isHidden } = layers[l];
    const output = work.activations[l + 1];
    gemm(kernels, work.activations[l], matrix, output, { m: work.numRows, n: columns, k: rows });
    if (isHidden) unary(kernels, 'relu', output, output);
  }
  return work.activations[layers.length];
}

/** Fills the gradient by the parameters from the derivatives by the logits, the last ones of the workspace. */
export function backward(kernels: Kernels, network: Network, gradient: Network, work: Workspace): void {
  for (let l = network.layers.length - 1; l >= 0; l--) {
    const { rows, columns, matrix, isHidden } = network.layers[l];
    const input = work.activations[l];
    const byOutput = work.derivatives[l + 1];
    const byMatrix = gradient.layers[l].matrix;
    gemm(kernels, input, byOutput, byMatrix, { m: rows, n: columns, k: work.numRows, transposeA: true });
    // The constant column is not a parameter.
    if (isHidden) for (let at = columns - 1; at < byMatrix.length; at += columns) byMatrix[at] = 0;
    if (l === 0) return;
    const byInput = work.derivatives[l];
    gemm(kernels, byOutput, matrix, byInput, { m: work.numRows, n: rows, k: columns, transposeB: true });
    binary(kernels, 'reluGradient', byInput, input, byInput, [[byInput.length, 1, 1]]);
  }
}
