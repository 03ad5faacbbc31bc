import { type ResizeOptions, resize, resizeGradient } from '@lensfield/kernels';
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { defineForFloats, type KernelDefinition } from './definition.ts';

type Method = ResizeOptions['method'];
type Size = [number, number];

function optionsOf(
  images: TensorInfo,
  outputSize: Size,
  method: Method,
  attributes: NamedAttrMap,
): ResizeOptions {
  const [batch, rows, columns, channels] = images.shape as [number, number, number, number];
  return {
    batch,
    inputSize: [rows, columns],
    outputSize,
    channels,
    method,
    alignCorners: Boolean(attributes.alignCorners),
    halfPixelCentres: Boolean(attributes.halfPixelCenters),
  };
}

function forward(kernelName: string, method: Method): KernelDefinition {
  return defineForFloats(kernelName, ({ inputs, attrs, backend }) => {
    const images = inputs.images!;
    const [rows, columns] = attrs.size as Size;
    const { info, values } = backend.output([images.shape[0]!, rows, columns, images.shape[3]!]);
    if (values.length > 0) {
      const options = optionsOf(images, [rows, columns], method, attrs);
      resize(backend.kernels, backend.floats(images), values, options);
    }
    return info;
  });
}

function transpose(kernelName: string, method: Method): KernelDefinition {
  return defineForFloats(kernelName, ({ inputs, attrs, backend }) => {
    const { images, dy } = inputs as Record<string, TensorInfo> as { images: TensorInfo; dy: TensorInfo };
    const { info, values } = backend.output(images.shape);
    if (values.length > 0) {
      const options = optionsOf(images, dy.shape.slice(1, 3) as Size, method, attrs);
      resizeGradient(backend.kernels, backend.floats(dy), values, options);
    }
    return info;
  });
}

export const resizeKernels: readonly KernelDefinition[] = [
  forward('ResizeBilinear', 'bilinear'),
  forward('ResizeNearestNeighbor', 'nearest'),
  transpose('ResizeBilinearGrad', 'bilinear'),
  transpose('ResizeNearestNeighborGrad', 'nearest'),
];
