import { engine, type GradConfig, type NamedAttrMap, type Tensor, zerosLike } from '@tensorflow/tfjs-core';
import { gradient } from './_definition.ts';

/** Resizing is linear: its gradient is its transpose, and the gradient of the transpose is the resizing. */
function transposePair(kernelName: string, transposeName: string): GradConfig[] {
  const resized = (images: Tensor, like: Tensor, attributes: NamedAttrMap): Tensor =>
    engine().runKernel(kernelName, { images }, { ...attributes, size: like.shape.slice(1, 3) });
  return [
    gradient(kernelName, ['images'], (dy, [images], attributes) => ({
      images: () => engine().runKernel(transposeName, { images: images!, dy }, attributes),
    })),
    gradient(transposeName, ['images', 'dy'], (ddx, [images, dy], attributes) => ({
      images: () => zerosLike(images!),
      dy: () => resized(ddx, dy!, attributes),
    })),
  ];
}

export const resizeGradients: readonly GradConfig[] = [
  ...transposePair('ResizeBilinear', 'ResizeBilinearGrad'),
  ...transposePair('ResizeNearestNeighbor', 'ResizeNearestNeighborGrad'),
];
