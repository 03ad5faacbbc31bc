import { inverse } from '@lensfield/kernels';
import { type ParameterTree, type TensorTree, tf } from '@lensfield/tensors';
import type { LayeredFlow } from './flow.ts';

/** Strict lower triangle of ones; its transpose is the strict upper triangle. */
function strictlyLower(size: number): tf.Tensor2D {
  const ones = Float32Array.from({ length: size * size }, (_, i) =>
    i % size < Math.floor(i / size) ? 1 : 0,
  );
  return tf.tensor2d(ones, [size, size]);
}

/** The mixing matrix (I + L)(U + diag e^d) of a layer, L and U strictly triangular; rows multiply it from the left. */
export function mixingMatrix(flow: LayeredFlow, weights: TensorTree, layer: number): tf.Tensor2D {
  const get = (name: string) => weights[`layer${layer}/${name}`]!;
  const below = strictlyLower(flow.dimension);
  const identity = tf.eye(flow.dimension);
  const lower = tf.add(tf.mul(get('lower'), below), identity) as tf.Tensor2D;
  const diagonal = tf.mul(identity, tf.exp(get('logDiagonal')));
  const upper = tf.add(tf.mul(get('upper'), tf.transpose(below)), diagonal) as tf.Tensor2D;
  return tf.matMul(lower, upper);
}

/** log |det| of {@link mixingMatrix}: the sum of its log diagonal. */
export function mixingLogDet(weights: TensorTree, layer: number): tf.Scalar {
  return tf.sum(weights[`layer${layer}/logDiagonal`]!);
}

/** The inverse mixing matrix of each layer, row-major, computed in float64. */
export function inverseMixing(flow: LayeredFlow, weights: ParameterTree): Float32Array[] {
  return Array.from({ length: flow.numLayers }, (_, layer) => {
    const matrix = matrixInFloat64(flow.dimension, weights, layer);
    return Float32Array.from(inverse(matrix, flow.dimension));
  });
}

function matrixInFloat64(size: number, weights: ParameterTree, layer: number): Float64Array {
  const get = (name: string) => weights[`layer${layer}/${name}`]!.data;
  const [lower, upper, logDiagonal] = [get('lower'), get('upper'), get('logDiagonal')];
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k <= Math.min(i, j); k++) {
        const left = k === i ? 1 : lower[i * size + k]!;
        const right = k === j ? Math.exp(logDiagonal[k]!) : upper[k * size + j]!;
        matrix[i * size + j]! += left * right;
      }
    }
  }
  return matrix;
}
