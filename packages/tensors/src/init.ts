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
import { registerTensorflow } from './tensorflow/register-tensorflow.ts';

export type TensorBackend = 'native' | 'tensorflow' | 'wasm' | 'cpu';

export interface TensorOptions {
  /** Default: LENSFIELD_BACKEND, else the first that loads of native, tensorflow, wasm. */
  readonly backend?: TensorBackend;
  /** Threads of the kernels, fixed by the first call. Default: all cores (native, tensorflow), 1 (wasm). */
  readonly threads?: number;
}

/**
 * Registers backend and gradients with TensorFlow.js and makes the backend current. Call it once at the start of a program; a
 * second call with the same backend changes nothing. Nothing is registered by importing the package.
 *
 * @returns The kernels behind the backend; `undefined` for `tensorflow` and `cpu`, which have none.
 * @throws {UnsupportedError} if a backend is forced and does not load; the message says why.
 * @throws {InvalidArgumentError} if the backend is unknown, or serves already with another number of threads.
 */
export async function initTensors(options: TensorOptions = {}): Promise<Kernels | undefined> {
  registerGradients();
  await registerCpu();
  const backend = options.backend ?? forcedBackend();
  if (backend === 'cpu') return current('cpu');
  if (backend !== undefined) return current(await registered(backend, options.threads));
  for (const candidate of ['native', 'tensorflow'] as const) {
    try {
      return await current(await registered(candidate, options.threads));
    } catch (error) {
      if (!isLensfieldError(error, 'UNSUPPORTED')) throw error;
    }
  }
  return current(await registered('wasm', undefined));
}

const NAMES = 'native, tensorflow, wasm or cpu';

function isBackend(name: string): name is TensorBackend {
  return name === 'native' || name === 'tensorflow' || name === 'wasm' || name === 'cpu';
}

function forcedBackend(): TensorBackend | undefined {
  const forced = typeof process === 'undefined' ? undefined : process.env?.LENSFIELD_BACKEND;
  if (!forced) return undefined;
  if (isBackend(forced)) return forced;
  throw new InvalidArgumentError(
    'LENSFIELD_BACKEND',
    `tensors.initTensors: LENSFIELD_BACKEND must be ${NAMES}; got ${forced}.`,
  );
}

async function current(backend: TensorBackend): Promise<Kernels | undefined> {
  if (!(await setBackend(backend))) {
    throw new UnsupportedError(`tensors.initTensors: backend ${backend} must start; it did not.`);
  }
  return currentKernels();
}

/** Loads and registers a backend, once. */
async function registered(
  backend: 'native' | 'tensorflow' | 'wasm',
  threads: number | undefined,
): Promise<TensorBackend> {
  if (!isBackend(backend)) {
    throw new InvalidArgumentError(
      'backend',
      `tensors.initTensors: backend must be ${NAMES}; got ${String(backend)}.`,
    );
  }
  if (backend === 'tensorflow') {
    await registerTensorflow(threads, registerAllGradients);
    return backend;
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

/** Ours again, right or loud, after another package has registered its own. */
function registerAllGradients(): void {
  registerGradients();
  registerLoudGradients('cpu');
  registerLoudGradients('tensorflow');
}

function findKernelsBackend(name: string): KernelsBackend | undefined {
  const backend = findBackend(name);
  return backend instanceof KernelsBackend ? backend : undefined;
}

/** The kernels behind the current backend; `undefined` before `initTensors`, on `tensorflow` and on `cpu`. */
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
