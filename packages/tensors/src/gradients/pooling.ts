import {
  avgPool,
  engine,
  type GradConfig,
  type NamedAttrMap,
  type Tensor,
  type Tensor4D,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { MAX_POOL_SELECT, maxPoolSelect } from '../ops/max-pool-select.ts';
import { gradient, gradientWithOutput } from './_definition.ts';

function window(attributes: NamedAttrMap): NamedAttrMap {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  return { filterSize, strides, pad, dimRoundingMode };
}

function maxPoolGradient(dy: Tensor, input: Tensor, output: Tensor, attributes: NamedAttrMap): Tensor {
  return engine().runKernel('MaxPoolGrad', { dy, input, output }, window(attributes));
}

function avgPoolGradient(dy: Tensor, input: Tensor, attributes: NamedAttrMap): Tensor {
  return engine().runKernel('AvgPoolGrad', { dy, input }, window(attributes));
}

function averagePool(x: Tensor, attributes: NamedAttrMap): Tensor {
  const { filterSize, strides, pad, dimRoundingMode } = attributes as Record<string, never>;
  return avgPool(x as Tensor4D, filterSize, strides, pad, dimRoundingMode);
}

/** Pools are linear where the maxima stay in place: their gradients have gradients in dy and none in x. */
export const poolingGradients: readonly GradConfig[] = [
  gradientWithOutput('MaxPool', ['x'], (dy, [x, y], attributes) => ({
    x: () => maxPoolGradient(dy, x!, y!, attributes),
  })),
  gradient('MaxPoolGrad', ['input', 'output'], (ddx, [input, output], attributes) => ({
    dy: () => maxPoolSelect(ddx, input!, window(attributes)),
    input: () => zerosLike(input!),
    output: () => zerosLike(output!),
  })),
  gradient(MAX_POOL_SELECT, ['x'], (dy, [x], attributes) => ({
    // The output only says where the maxima are; MaxPoolGrad finds them from the input again.
    values: () => maxPoolGradient(dy, x!, dy, attributes),
    x: () => zerosLike(x!),
  })),
  gradient('AvgPool', ['x'], (dy, [x], attributes) => ({ x: () => avgPoolGradient(dy, x!, attributes) })),
  gradient('AvgPoolGrad', ['input'], (ddx, [input], attributes) => ({
    dy: () => averagePool(ddx, attributes),
    input: () => zerosLike(input!),
  })),
];
