import type { NdArray } from '@lensfield/contracts';
import { foldIn, keyOf, normal } from '@lensfield/kernels';
import type { ParameterTree } from '@lensfield/tensors';
import { createRealNvp, type FlowParameters, initFlow, type RealNvp, standardise } from '../src/index.ts';

/** Draws of N(0, 1) with a shape. */
export function normalArray(seed: number, shape: readonly number[]): NdArray<Float32Array> {
  return {
    shape,
    data: normal(
      keyOf(seed),
      shape.reduce((a, b) => a * b, 1),
    ),
  };
}

/** Weights far from the identity, so that every part of the flow matters: unit normal noise of the given size is added. */
export function strongWeights(flow: RealNvp, seed: number, size: number): ParameterTree {
  const entries = Object.entries(initFlow(keyOf(seed), flow)).map(([name, { shape, data }], i) => {
    const noise = normal(foldIn(keyOf(seed + 1), i), data.length);
    return [name, { shape, data: data.map((value, k) => value + size * noise[k]!) }] as const;
  });
  return Object.fromEntries(entries);
}

/** A flow that bends: 3 | 2 dimensions unless said otherwise, standardised by data that are not standard. */
export function bentFlow(
  seed: number,
  dimension = 3,
  contextDimension = 2,
  size = 0.3,
): { flow: RealNvp; parameters: FlowParameters } {
  const flow = createRealNvp({ dimension, contextDimension, numLayers: 3, hiddenUnits: [8, 8] });
  const y = normalArray(seed + 10, [200, dimension]);
  const context = normalArray(seed + 11, [200, contextDimension]);
  const scaled = {
    shape: y.shape,
    data: y.data.map((value, i) => 0.5 + (1 + (i % dimension)) * 0.4 * value),
  };
  const standardisation = standardise(scaled, context, 'regression');
  return { flow, parameters: { weights: strongWeights(flow, seed, size), standardisation } };
}
