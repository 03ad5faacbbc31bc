import {
  conv2d,
  engine,
  type GradConfig,
  type NamedAttrMap,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { gradient } from './_definition.ts';

/** What the three kernels share: strides, padding and layout. */
function geometry(attributes: NamedAttrMap): NamedAttrMap {
  const { strides, pad, dataFormat, dimRoundingMode } = attributes;
  return { strides, pad, dataFormat, dimRoundingMode };
}

function forward(x: Tensor, filter: Tensor, attributes: NamedAttrMap): Tensor {
  return conv2d(
    x as Tensor4D,
    filter as Tensor4D,
    attributes.strides as [number, number],
    attributes.pad as 'same',
    attributes.dataFormat as 'NHWC',
    1,
    attributes.dimRoundingMode as 'floor',
  );
}

function inputGradient(
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  attributes: NamedAttrMap,
): Tensor {
  return engine().runKernel(
    'Conv2DBackpropInput',
    { dy, filter },
    { ...geometry(attributes), inputShape: [...inputShape] },
  );
}

function filterGradient(
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  attributes: NamedAttrMap,
): Tensor {
  return engine().runKernel(
    'Conv2DBackpropFilter',
    { x, dy },
    { ...geometry(attributes), filterShape: [...filterShape] },
  );
}

/**
 * With y = x * w, all three kernels are bilinear: the gradients of `Conv2DBackpropInput` and `Conv2DBackpropFilter` are again
 * one of the three, so any order can be taken.
 */
export const convolutionGradients: readonly GradConfig[] = [
  gradient('Conv2D', ['x', 'filter'], (dy, [x, filter], attributes) => ({
    x: () => inputGradient(dy, filter!, x!.shape, attributes),
    filter: () => filterGradient(x!, dy, filter!.shape, attributes),
  })),
  gradient('Conv2DBackpropInput', ['dy', 'filter'], (ddx, [dy, filter], attributes) => ({
    dy: () => forward(ddx, filter!, attributes),
    filter: () => filterGradient(ddx, dy!, filter!.shape, attributes),
  })),
  gradient('Conv2DBackpropFilter', ['x', 'dy'], (ddw, [x, dy], attributes) => ({
    x: () => inputGradient(dy!, ddw, x!.shape, attributes),
    dy: () => forward(x!, ddw, attributes),
  })),
];
