import { UnsupportedError } from '@lensfield/kernels';
import {
  type GradConfig,
  getGradient,
  getKernelsForBackend,
  registerGradient,
  unregisterGradient,
} from '@tensorflow/tfjs-core';
import { activationGradients } from './activation.ts';
import { binaryGradients } from './binary.ts';
import { convolutionGradients } from './convolution.ts';
import { fourierGradients } from './fourier.ts';
import { matrixGradients } from './matrix.ts';
import { normaliseGradients } from './normalise.ts';
import { poolingGradients } from './pooling.ts';
import { reductionGradients, softmaxGradients } from './reduction.ts';
import { resizeGradients } from './resize.ts';
import { shapeGradients } from './shape.ts';
import { sortGradients } from './sort.ts';
import { unaryGradients } from './unary.ts';

/** Every gradient of the package, each right to second order (test/gradients.test.ts). */
export const gradientRegistry: readonly GradConfig[] = [
  ...unaryGradients,
  ...binaryGradients,
  ...matrixGradients,
  ...reductionGradients,
  ...softmaxGradients,
  ...shapeGradients,
  ...convolutionGradients,
  ...poolingGradients,
  ...activationGradients,
  ...fourierGradients,
  ...normaliseGradients,
  ...resizeGradients,
  ...sortGradients,
];

/** Replaces whatever is registered, TensorFlow.js's own gradients included, by ours. */
export function registerGradients(): void {
  for (const config of gradientRegistry) {
    replaceGradient(config);
  }
}

/** Gives each kernel of a backend that has no gradient of ours one that says so. */
export function registerLoudGradients(backendName: string): void {
  const known = new Set(gradientRegistry.map((config) => config.kernelName));
  for (const { kernelName } of getKernelsForBackend(backendName)) {
    if (!known.has(kernelName)) replaceGradient(loudGradient(kernelName));
  }
}

function replaceGradient(config: GradConfig): void {
  if (getGradient(config.kernelName) !== undefined) unregisterGradient(config.kernelName);
  registerGradient(config);
}

function loudGradient(kernelName: string): GradConfig {
  return {
    kernelName,
    gradFunc: () => {
      throw new UnsupportedError(
        `tensors.gradient: every op on the path must have a gradient; got kernel ${kernelName}, which has none that is right ` +
          'to second order. Write it with ops of `tf` from @lensfield/tensors, or as tf.customGrad.',
      );
    },
  };
}
