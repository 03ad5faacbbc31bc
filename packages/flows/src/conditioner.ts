import { type TensorTree, tf } from '@lensfield/tensors';
import type { RawOutputs, TransformOutput } from './transforms/transform.ts';

/** Zeros and ones for the weight matrices of a network, by name; a matrix without them is dense. */
export type WeightMasks = Readonly<Record<string, tf.Tensor2D>>;

/** What a network takes: coordinates of y (none for a network of the context alone), the context, or both. */
export interface NetworkInputs {
  readonly y?: tf.Tensor2D;
  readonly context: tf.Tensor2D | undefined;
}

/** The layers of a network: plain data. */
export interface NetworkShape {
  readonly hiddenUnits: readonly number[];
  /** In the order in which the network gives them. */
  readonly outputs: readonly TransformOutput[];
}

/**
 * A network with silu between its layers, under the names of `initFlow`.
 *
 * @param prefix  Of the names of its weights: `layer0`, ...
 * @returns       Its outputs by name. Of the context alone, they have the context's rows (one row without a context).
 */
export function conditioner(
  weights: TensorTree,
  prefix: string,
  { hiddenUnits, outputs }: NetworkShape,
  { y, context }: NetworkInputs,
  masks: WeightMasks = {},
): RawOutputs {
  const get = (name: string) => weights[`${prefix}/${name}`] as tf.Tensor2D;
  const matrix = (name: string): tf.Tensor2D => {
    const mask = masks[name];
    return mask ? tf.mul(get(name), mask) : get(name);
  };
  let hidden = y && tf.matMul(y, matrix('fromY'));
  if (context) {
    const fromContext = tf.matMul(context, get('fromContext'));
    hidden = hidden ? tf.add(hidden, fromContext) : fromContext;
  }
  const bias = get('bias0');
  let values: tf.Tensor2D = tf.silu(hidden ? tf.add(hidden, bias) : tf.reshape(bias, [1, -1]));
  for (let k = 1; k < hiddenUnits.length; k++) {
    values = tf.silu(tf.add(tf.matMul(values, matrix(`weights${k}`)), get(`bias${k}`)));
  }
  const names = outputs.map(({ name }) => name);
  // One product for all: alone each would fill a part of the kernel's vectors.
  const joined: tf.Tensor2D = tf.add(
    tf.matMul(values, tf.concat(names.map(matrix), 1)),
    tf.concat(
      names.map((name) => get(`${name}Bias`)),
      0,
    ),
  );
  const widths = names.map((name) => get(name).shape[1]);
  const parts = tf.split(joined, widths, 1) as tf.Tensor2D[];
  return (name) => parts[names.indexOf(name)]!;
}
