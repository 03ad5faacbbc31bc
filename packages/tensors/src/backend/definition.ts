import { getKernel, type KernelConfig, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelsBackend } from './kernels-backend.ts';

export interface KernelParameters {
  readonly inputs: Record<string, TensorInfo>;
  readonly attrs: NamedAttrMap;
  readonly backend: KernelsBackend;
}

export type KernelFunction = (parameters: KernelParameters) => TensorInfo | TensorInfo[];

/** A kernel of ours before it is given to a backend by name. */
export interface KernelDefinition {
  readonly kernelName: string;
  readonly kernelFunc: KernelFunction;
}

export function define(kernelName: string, kernelFunc: KernelFunction): KernelDefinition {
  return { kernelName, kernelFunc };
}

/** Runs TensorFlow.js's CPU kernel on this backend's data, and counts that it did. */
export function fallBack(kernelName: string, parameters: KernelParameters): TensorInfo | TensorInfo[] {
  const { backend } = parameters;
  backend.trace?.requireKnownInputs(kernelName, Object.values(parameters.inputs));
  backend.fallbacks.set(kernelName, (backend.fallbacks.get(kernelName) ?? 0) + 1);
  const cpu = getKernel(kernelName, 'cpu') as KernelConfig;
  // Some of them read arrays of tensors that they have disposed.
  return backend.pool.holding(() => cpu.kernelFunc(parameters as never) as TensorInfo | TensorInfo[]);
}

/** A kernel that serves float32 tensors; other types fall back. */
export function defineForFloats(kernelName: string, kernelFunc: KernelFunction): KernelDefinition {
  return define(kernelName, (parameters) => {
    const { inputs } = parameters;
    for (const name in inputs) {
      if (inputs[name]!.dtype !== 'float32') return fallBack(kernelName, parameters);
    }
    return kernelFunc(parameters);
  });
}
