import {
  InvalidArgumentError,
  isLensfieldError,
  type Kernels,
  loadKernels,
  UnsupportedError,
} from '@lensfield/kernels';
import {
  engine,
  findBackend,
  getKernel,
  registerKernel,
  setBackend,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { KernelsBackend } from './backend/kernels-backend.ts';
import { registerKernelsBackend } from './backend/registration.ts';
import { plainKernels } from './cpu/kernels.ts';
import { registerGradients, registerLoudGradients } from './gradients/registry.ts';

export type TensorBackend = 'native' | 'wasm' | 'cpu';

export interface TensorOptions {
  /** Default: LENSFIELD_BACKEND, else the fastest that loads. */
  readonly backend?: TensorBackend;
  /** Threads of the kernels, fixed by the first call. Default: all cores (native), 1 (wasm). */
  readonly threads?: number;
}

/**
 * Registers backend and gradients with TensorFlow.js and makes the backend current. Call it once at the start of a program; a
 * second call with the same backend changes nothing. Nothing is registered by importing the package.
 *
 * @returns The kernels behind the backend; `undefined` for `cpu`, which has none.
 * @throws {UnsupportedError} if a backend is forced and does not load.
 * @throws {InvalidArgumentError} if the backend is unknown, or serves already with another number of threads.
 */
export async function initTensors(options: TensorOptions = {}): Promise<Kernels | undefined> {
  registerGradients();
  await registerCpu();
  const backend = options.backend ?? forcedBackend();
  if (backend === 'cpu') return current('cpu');
  if (backend !== undefined) return current(await registered(backend, options.threads));
  try {
    return current(await registered('native', options.threads));
  } catch (error) {
    if (!isLensfieldError(error, 'UNSUPPORTED')) throw error;
    return current(await registered('wasm', undefined));
  }
}

function forcedBackend(): TensorBackend | undefined {
  const forced = typeof process === 'undefined' ? undefined : process.env?.LENSFIELD_BACKEND;
  if (!forced) return undefined;
  if (forced === 'native' || forced === 'wasm' || forced === 'cpu') return forced;
  throw new InvalidArgumentError(
    'LENSFIELD_BACKEND',
    `tensors.initTensors: LENSFIELD_BACKEND must be native, wasm or cpu; got ${forced}.`,
  );
}

async function current(backend: TensorBackend): Promise<Kernels | undefined> {
  if (!(await setBackend(backend))) {
    throw new UnsupportedError(`tensors.initTensors: backend ${backend} must start; it did not.`);
  }
  return currentKernels();
}

/** Loads and registers a backend on kernels, once. */
async function registered(backend: 'native' | 'wasm', threads: number | undefined): Promise<TensorBackend> {
  if (backend !== 'native' && backend !== 'wasm') {
    throw new InvalidArgumentError(
      'backend',
      `tensors.initTensors: backend must be native, wasm or cpu; got ${String(backend)}.`,
    );
  }
  if (findKernelsBackend(backend) === undefined) {
    const kernels = await loadKernels({ backend, ...(threads === undefined ? {} : { threads }) });
    // A second call may have come in while the kernels loaded.
    if (findKernelsBackend(backend) === undefined) {
      registerKernelsBackend(backend, kernels);
      registerLoudGradients(backend);
    }
  }
  const serving = findKernelsBackend(backend)!.kernels.threads;
  if (backend === 'native' && threads !== undefined && serving !== threads) {
    throw new InvalidArgumentError(
      'threads',
      `tensors.initTensors: threads must be ${serving}, as at the first call; got ${threads}.`,
    );
  }
  return backend;
}

function findKernelsBackend(name: string): KernelsBackend | undefined {
  const backend = findBackend(name);
  return backend instanceof KernelsBackend ? backend : undefined;
}

/** The kernels behind the current backend; `undefined` before `initTensors` and on `cpu`. */
export function currentKernels(): Kernels | undefined {
  const { backendName } = engine();
  return backendName ? findKernelsBackend(backendName)?.kernels : undefined;
}

async function registerCpu(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  if (getKernel(plainKernels[0]!.kernelName, 'cpu') !== undefined) return;
  for (const kernel of plainKernels) {
    if (getKernel(kernel.kernelName, 'cpu') !== undefined) unregisterKernel(kernel.kernelName, 'cpu');
    registerKernel(kernel);
  }
  // Its first tensor would print advice to install another backend.
  (findBackend('cpu') as unknown as { firstUse: boolean }).firstUse = false;
  registerLoudGradients('cpu');
}
