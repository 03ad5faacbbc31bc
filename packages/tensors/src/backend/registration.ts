import type { Kernels } from '@lensfield/kernels';
import { getKernel, getKernelsForBackend, registerBackend, registerKernel } from '@tensorflow/tfjs-core';
import { creationKernels } from './creation-kernels.ts';
import { fallBack, type KernelDefinition, type KernelFunction, type KernelParameters } from './definition.ts';
import { elementwiseKernels } from './elementwise-kernels.ts';
import { fourierKernels } from './fourier-kernels.ts';
import { joiningKernels } from './joining-kernels.ts';
import { KernelsBackend } from './kernels-backend.ts';
import { maskKernels } from './mask-kernels.ts';
import { matrixKernels } from './matrix-kernels.ts';
import { normaliseKernels } from './normalise-kernels.ts';
import { orderingKernels } from './ordering-kernels.ts';
import { reductionKernels } from './reduction-kernels.ts';
import { resizeKernels } from './resize-kernels.ts';
import { shapeKernels } from './shape-kernels.ts';
import { windowKernels } from './window-kernels.ts';

const ownKernels: readonly KernelDefinition[] = [
  ...elementwiseKernels,
  ...maskKernels,
  ...creationKernels,
  ...shapeKernels,
  ...joiningKernels,
  ...matrixKernels,
  ...windowKernels,
  ...reductionKernels,
  ...fourierKernels,
  ...normaliseKernels,
  ...resizeKernels,
  ...orderingKernels,
];

/** Registers a backend on kernels under `name`: our kernels, and the CPU backend's (which must be there) for the rest. */
export function registerKernelsBackend(name: string, kernels: Kernels): KernelsBackend {
  const backend = new KernelsBackend(kernels);
  registerBackend(name, () => backend, 10);
  for (const { kernelName, kernelFunc } of ownKernels) {
    registerKernel({ kernelName, backendName: name, kernelFunc: traced(kernelName, kernelFunc) as never });
  }
  for (const { kernelName } of getKernelsForBackend('cpu')) {
    if (getKernel(kernelName, name) !== undefined) continue;
    registerKernel({
      kernelName,
      backendName: name,
      kernelFunc: traced(kernelName, (parameters) => fallBack(kernelName, parameters)) as never,
    });
  }
  return backend;
}

/** The kernel, run by the trace of a step while there is one. */
function traced(kernelName: string, kernelFunc: KernelFunction): KernelFunction {
  return (parameters: KernelParameters) => {
    const { trace } = parameters.backend;
    return trace ? trace.kernel(kernelName, parameters, kernelFunc) : kernelFunc(parameters);
  };
}
