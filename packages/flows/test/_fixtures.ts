import type { NdArray } from '@lensfield/contracts';
import { foldIn, keyOf, normal } from '@lensfield/kernels';
import type { ParameterTree } from '@lensfield/tensors';
import {
  type BijectiveFlow,
  createFlow,
  type Flow,
  type FlowParameters,
  initFlow,
  standardise,
} from '../src/index.ts';

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
export function strongWeights(flow: Flow, seed: number, size: number): ParameterTree {
  const entries = Object.entries(initFlow(keyOf(seed), flow)).map(([name, { shape, data }], i) => {
    const noise = normal(foldIn(keyOf(seed + 1), i), data.length);
    return [name, { shape, data: data.map((value, k) => value + size * noise[k]!) }] as const;
  });
  return Object.fromEntries(entries);
}

/** Strong weights behind the standardisation of data that are not standard. */
export function bentParameters(flow: Flow, seed: number, size: number): FlowParameters {
  const { dimension, contextDimension } = flow;
  const y = normalArray(seed + 10, [200, dimension]);
  const context = normalArray(seed + 11, [200, contextDimension]);
  const scaled = {
    shape: y.shape,
    data: y.data.map((value, i) => 0.5 + (1 + (i % dimension)) * 0.4 * value),
  };
  const standardisation = standardise(scaled, context, 'regression');
  return { weights: strongWeights(flow, seed, size), standardisation };
}

/** An affine flow that bends: 3 | 2 dimensions unless said otherwise. */
export function bentFlow(
  seed: number,
  dimension = 3,
  contextDimension = 2,
  size = 0.3,
): { flow: BijectiveFlow; parameters: FlowParameters } {
  const flow = createFlow({ dimension, contextDimension, numLayers: 3, hiddenUnits: [8, 8] });
  return { flow, parameters: bentParameters(flow, seed, size) };
}

/** The midpoints of a grid of cells around points in the plane, with room. */
export function gridAround(draws: Float32Array, size: number) {
  const range = [0, 1].map((j) => {
    const column = draws.filter((_, i) => i % 2 === j);
    const [low, high] = [Math.min(...column), Math.max(...column)];
    return { low: low - 0.3 * (high - low), width: 1.6 * (high - low) };
  });
  const data = new Float32Array(size * size * 2);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      data[(a * size + b) * 2] = range[0]!.low + ((a + 0.5) / size) * range[0]!.width;
      data[(a * size + b) * 2 + 1] = range[1]!.low + ((b + 0.5) / size) * range[1]!.width;
    }
  }
  const cellArea = (range[0]!.width * range[1]!.width) / size ** 2;
  return { points: { shape: [size * size, 2], data }, cellArea };
}
