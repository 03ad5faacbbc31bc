import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { KernelConfig, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';

/** Values of a tensor beside its shape; integers become an int32 tensor. */
export interface PlainTensor<V extends Float32Array | Int32Array = Float32Array | Int32Array> {
  readonly shape: number[];
  readonly values: V;
}

type Compute = (
  inputs: Record<string, PlainTensor<Float32Array>>,
  attributes: NamedAttrMap,
) => PlainTensor | PlainTensor[];

/** A kernel written in plain JavaScript for the `cpu` backend: shapes and values in, shape and values out. */
export function plainKernel(kernelName: string, compute: Compute): KernelConfig {
  return {
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const cpu = backend as MathBackendCPU;
      const read = Object.entries(inputs).map(([name, info]) => {
        const { shape, dataId } = info as TensorInfo;
        return [name, { shape, values: cpu.readSync(dataId) as Float32Array }] as const;
      });
      const output = ({ shape, values }: PlainTensor) =>
        cpu.makeTensorInfo(shape, values instanceof Int32Array ? 'int32' : 'float32', values);
      const result = compute(Object.fromEntries(read), attrs ?? {});
      return Array.isArray(result) ? result.map(output) : output(result);
    },
  };
}
