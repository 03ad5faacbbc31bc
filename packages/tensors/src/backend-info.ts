import { backendInfo as kernelsInfo } from '@lensfield/kernels';
import { engine, findBackend } from '@tensorflow/tfjs-core';
import { KernelsBackend } from './backend/kernels-backend.ts';
import type { TensorBackend } from './init.ts';
import { findTensorflow } from './tensorflow/find-tensorflow.ts';
import { standInCalls } from './tensorflow/stand-ins.ts';

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
  const [{ backends }, search] = await Promise.all([kernelsInfo(), findTensorflow()]);
  const of = (name: string) => backends.filter(({ backend }) => backend === name);
  const { backendName } = engine();
  return {
    serves: (backendName ?? undefined) as TensorBackend | undefined,
    backends: [
      ...of('native'),
      search.loads
        ? { backend: 'tensorflow', loads: true }
        : { backend: 'tensorflow', loads: false, reason: search.reason },
      ...of('wasm'),
      { backend: 'cpu', loads: true },
    ],
  };
}

/** How the current backend has served so far. */
export interface KernelReport {
  readonly backend: TensorBackend | undefined;
  /** Calls that TensorFlow.js's CPU kernels served because there is no kernel of ours, by kernel: slow where it matters. */
  readonly fallbacks: Readonly<Record<string, number>>;
  /** Bytes of the arrays behind tensors, in use or kept for the next; 0 on `tensorflow` and `cpu`, which do not say. */
  readonly bytes: number;
}

/** Counts since the start of the program, or since the last call with `reset`. */
export function kernelReport(options: { readonly reset?: boolean } = {}): KernelReport {
  const { backendName } = engine();
  const backend = backendName ? findBackend(backendName) : undefined;
  const name = (backendName ?? undefined) as TensorBackend | undefined;
  const isOurs = backend instanceof KernelsBackend;
  const calls = isOurs ? backend.fallbacks : name === 'tensorflow' ? standInCalls : new Map<string, number>();
  const fallbacks = Object.fromEntries(calls);
  if (options.reset) calls.clear();
  return { backend: name, fallbacks, bytes: isOurs ? backend.pool.bytes() : 0 };
}
