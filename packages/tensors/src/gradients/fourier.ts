import { engine, type GradConfig } from '@tensorflow/tfjs-core';
import { IRFFT2, IRFFT2_ADJOINT, RFFT2, RFFT2_ADJOINT } from '../ops/fourier.ts';
import { gradient } from './_definition.ts';

/** The gradient of a linear map is its adjoint, and the gradient of the adjoint is the map. */
function adjointPair(kernelName: string, adjointName: string): GradConfig {
  return gradient(kernelName, [], (dy, _saved, attributes) => ({
    x: () => engine().runKernel(adjointName, { x: dy }, attributes),
  }));
}

export const fourierGradients: readonly GradConfig[] = [
  adjointPair(RFFT2, RFFT2_ADJOINT),
  adjointPair(RFFT2_ADJOINT, RFFT2),
  adjointPair(IRFFT2, IRFFT2_ADJOINT),
  adjointPair(IRFFT2_ADJOINT, IRFFT2),
];
