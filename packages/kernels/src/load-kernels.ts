import { loadNativeKernels } from './_native-backend.ts';
import { loadWasmKernels } from './_wasm-backend.ts';
import { InvalidArgumentError, isLensfieldError, type UnsupportedError } from './errors.ts';
import type { KernelBackend, Kernels, LoadKernelsOptions } from './kernels.ts';

const BACKENDS = ['native', 'wasm'] as const;
/* Values of LENSFIELD_BACKEND that speak of the tensor engine alone. */
const TENSOR_BACKENDS = ['tensorflow', 'cpu'];

/** Which backends load here, which of them serves, and why the others do not. */
export interface BackendInfo {
  readonly serves: KernelBackend;
  readonly backends: readonly {
    readonly backend: KernelBackend;
    readonly loads: boolean;
    readonly reason?: string;
  }[];
}

function forcedBackend(): KernelBackend | undefined {
  const forced = typeof process === 'undefined' ? undefined : process.env?.LENSFIELD_BACKEND;
  if (!forced || TENSOR_BACKENDS.includes(forced)) return undefined;
  return checkBackend('LENSFIELD_BACKEND', forced);
}

function checkBackend(argument: string, backend: string): KernelBackend {
  if ((BACKENDS as readonly string[]).includes(backend)) return backend as KernelBackend;
  throw new InvalidArgumentError(
    argument,
    `kernels.loadKernels: ${argument} must be native or wasm; got ${backend}.`,
  );
}

function loadBackend(backend: KernelBackend, options: LoadKernelsOptions): Promise<Kernels> {
  return backend === 'native' ? loadNativeKernels(options) : loadWasmKernels(options);
}

/**
 * Loads the kernels: the native addon where it loads, WASM otherwise.
 *
 * @throws {UnsupportedError} if the backend asked for (option or LENSFIELD_BACKEND) does not load; the message says why.
 * @throws {InvalidArgumentError} if an option is out of range.
 */
export async function loadKernels(options: LoadKernelsOptions = {}): Promise<Kernels> {
  const asked = options.backend === undefined ? forcedBackend() : checkBackend('backend', options.backend);
  if (asked) return loadBackend(asked, options);
  try {
    return await loadNativeKernels(options);
  } catch (error) {
    if (!isLensfieldError(error, 'UNSUPPORTED')) throw error;
    return loadWasmKernels(options);
  }
}

async function attempt(
  backend: KernelBackend,
  options: LoadKernelsOptions,
): Promise<Kernels | UnsupportedError> {
  try {
    return await loadBackend(backend, options);
  } catch (error) {
    if (isLensfieldError(error, 'UNSUPPORTED')) return error as UnsupportedError;
    throw error;
  }
}

/** One engine of each backend that loads, native first: for tests and comparisons. */
export async function loadEveryKernels(
  options: Omit<LoadKernelsOptions, 'backend'> = {},
): Promise<Kernels[]> {
  const attempts = await Promise.all(BACKENDS.map((backend) => attempt(backend, options)));
  return attempts.filter((result): result is Kernels => !(result instanceof Error));
}

/** Tries every backend and says which one `loadKernels()` would give and why others are not available. */
export async function backendInfo(): Promise<BackendInfo> {
  const small = { threads: 1, memoryMiB: 4 };
  const backends = await Promise.all(
    BACKENDS.map(async (backend) => {
      const result = await attempt(backend, small);
      return result instanceof Error
        ? { backend, loads: false, reason: result.message }
        : { backend, loads: true };
    }),
  );
  const serves = forcedBackend() ?? backends.find(({ loads }) => loads)?.backend ?? 'wasm';
  return { serves, backends };
}
