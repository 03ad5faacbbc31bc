import { type TensorTree, tf } from '@lensfield/tensors';
import { conditioner, type WeightMasks } from './conditioner.ts';
import { autoregressiveRanks } from './coordinate-order.ts';
import type { Transformed } from './coupling.ts';
import type { AutoregressiveFlow } from './flow.ts';
import { networkOf, transformKind } from './transforms/transform.ts';

/**
 * Masks with which the numbers of a coordinate depend on the coordinates of lower rank alone: a hidden unit of degree d sees
 * ranks and degrees up to d, an output of rank r sees degrees below r.
 *
 * Source: Germain et al. (2015), arXiv 1502.03509, eqs. 11 and 12. Differs: degrees in turn instead of drawn, and the context,
 * which every unit sees, counts as degree -1.
 */
export function autoregressiveMasks(flow: AutoregressiveFlow, layer: number): WeightMasks {
  const { dimension, hiddenUnits } = flow;
  const ranks = autoregressiveRanks(flow, layer);
  const degrees = hiddenUnits.map((units) =>
    Array.from({ length: units }, (_, i) => (dimension > 1 ? i % (dimension - 1) : -1)),
  );
  const masks: Record<string, tf.Tensor2D> = { fromY: mask(ranks, degrees[0]!, (from, to) => from <= to) };
  for (let k = 1; k < degrees.length; k++) {
    masks[`weights${k}`] = mask(degrees[k - 1]!, degrees[k]!, (from, to) => from <= to);
  }
  for (const { name, length } of transformKind(flow.transform).outputs(flow.transform)) {
    const outputRanks = ranks.flatMap((rank) => new Array<number>(length).fill(rank));
    masks[name] = mask(degrees.at(-1)!, outputRanks, (from, to) => from < to);
  }
  return masks;
}

function mask(
  from: readonly number[],
  to: readonly number[],
  sees: (from: number, to: number) => boolean,
): tf.Tensor2D {
  const ones = from.flatMap((a) => to.map((b) => (sees(a, b) ? 1 : 0)));
  return tf.tensor2d(ones, [from.length, to.length]);
}

/** Towards the base: all coordinates at once. */
export function autoregressive(
  flow: AutoregressiveFlow,
  weights: TensorTree,
  layer: number,
  y: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): Transformed {
  const masks = autoregressiveMasks(flow, layer);
  const raw = conditioner(weights, `layer${layer}`, networkOf(flow, flow.transform), { y, context }, masks);
  const moved = transformKind(flow.transform).forward(flow.transform, raw, y);
  return { y: moved.y, logDet: tf.sum(moved.logSlope, 1) };
}

/** From the base: each pass makes the coordinate of the next rank right, for all rows at once. */
export function inverseAutoregressive(
  flow: AutoregressiveFlow,
  weights: TensorTree,
  layer: number,
  z: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): tf.Tensor2D {
  const masks = autoregressiveMasks(flow, layer);
  const { inverse } = transformKind(flow.transform);
  let y = z;
  for (let pass = 0; pass < flow.dimension; pass++) {
    const raw = conditioner(weights, `layer${layer}`, networkOf(flow, flow.transform), { y, context }, masks);
    y = inverse(flow.transform, raw, z);
  }
  return y;
}
