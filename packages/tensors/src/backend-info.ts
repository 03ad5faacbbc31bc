import { backendInfo as kernelsInfo } from '@lensfield/kernels';
import { engine, findBackend } from '@tensorflow/tfjs-core';
import { KernelsBackend } from './backend/kernels-backend.ts';
import type { TensorBackend } from './init.ts';

export interface TensorBackendInfo {
  /** The current backend; `undefined` before `initTensors`. */
  readonly serves: TensorBackend | undefined;
  /** Which backends load here, and why others do not. */
  readonly backends: readonly {
    readonly backend: TensorBackend;
    readonly loads: boolean;
    readonly reason?: string;
  }[];
}

/** Which backend serves, which would load, and why the others do not. */
export async function backendInfo(): Promise<TensorBackendInfo> {
  const { backends } = await kernelsInfo();
  const { backendName } = engine();
  return {
    serves: (backendName ?? undefined) as TensorBackend | undefined,
    backends: [...backends, { backend: 'cpu', loads: true }],
  };
}

/** How the current backend has served so far. */
export interface KernelReport {
  readonly backend: TensorBackend | undefined;
  /** Calls that TensorFlow.js's CPU kernels served because there is no kernel of ours, by kernel: slow where it matters. */
  readonly fallbacks: Readonly<Record<string, number>>;
  /** Bytes of the arrays behind tensors, in use or kept for the next. */
  readonly bytes: number;
}

/** Counts since the start of the program, or since the last call with `reset`. */
export function kernelReport(options: { readonly reset?: boolean } = {}): KernelReport {
  const { backendName } = engine();
  const backend = backendName ? findBackend(backendName) : undefined;
  const name = (backendName ?? undefined) as TensorBackend | undefined;
  if (!(backend instanceof KernelsBackend)) return { backend: name, fallbacks: {}, bytes: 0 };
  const fallbacks = Object.fromEntries(backend.fallbacks);
  if (options.reset) backend.fallbacks.clear();
  return { backend: name, fallbacks, bytes: backend.pool.bytes() };
}
