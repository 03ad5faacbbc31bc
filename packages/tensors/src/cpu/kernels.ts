import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { KernelConfig, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { ACTIVATION_GRADIENT, activationSlope, type FusedActivation } from '../ops/activation-gradient.ts';
import { IRFFT2, IRFFT2_ADJOINT, RFFT2, RFFT2_ADJOINT } from '../ops/fourier.ts';
import { MAX_POOL_SELECT } from '../ops/max-pool-select.ts';
import { SILU } from '../ops/silu.ts';
import { irfft2, irfft2Adjoint, rfft2, rfft2Adjoint } from './fourier.ts';
import { avgPoolGradient, maxPoolSelect } from './pooling.ts';

type Values = Float32Array;

function valuesOf(backend: MathBackendCPU, info: TensorInfo): Values {
  return backend.readSync(info.dataId) as Values;
}

/** A kernel written in plain JavaScript for the `cpu` backend: shapes and values in, shape and values out. */
function plainKernel(
  kernelName: string,
  compute: (
    inputs: Record<string, { shape: number[]; values: Values }>,
    attributes: NamedAttrMap,
  ) => { shape: number[]; values: Values },
): KernelConfig {
  return {
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const cpu = backend as MathBackendCPU;
      const read = Object.entries(inputs).map(([name, info]) => {
        const tensor = info as TensorInfo;
        return [name, { shape: tensor.shape, values: valuesOf(cpu, tensor) }] as const;
      });
      const { shape, values } = compute(Object.fromEntries(read), attrs ?? {});
      return cpu.makeTensorInfo(shape, 'float32', values);
    },
  };
}

const activation = plainKernel(ACTIVATION_GRADIENT, ({ dy, value }, attributes) => {
  const slope = activationSlope[attributes.activation as FusedActivation];
  return {
    shape: dy!.shape,
    values: dy!.values.map((g, i) => g * slope(value!.values[i]!, (attributes.alpha as number) ?? 0)),
  };
});

const logSoftmax = plainKernel('LogSoftmax', ({ logits }) => {
  const { shape, values } = logits!;
  const width = shape.at(-1)!;
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const logTotal = Math.log(row.reduce((total, x) => total + Math.exp(x - largest), 0));
    row.forEach((x, i) => {
      result[start + i] = x - largest - logTotal;
    });
  }
  return { shape, values: result };
});

/** The package's own kernels, slow and plain, for the `cpu` backend. */
export const plainKernels: readonly KernelConfig[] = [
  activation,
  logSoftmax,
  plainKernel(SILU, ({ x }) => ({ shape: x!.shape, values: x!.values.map((v) => v / (1 + Math.exp(-v))) })),
  plainKernel(MAX_POOL_SELECT, ({ values, x }, attributes) =>
    maxPoolSelect(values!.values, x!.values, x!.shape, attributes),
  ),
  // TensorFlow.js's own takes the sign of NaN to be 0.
  plainKernel('Sign', ({ x }) => ({ shape: x!.shape, values: x!.values.map(Math.sign) })),
  // TensorFlow.js's own divides by the whole window at the border, where its forward pass does not.
  plainKernel('AvgPoolGrad', ({ dy, input }, attributes) =>
    avgPoolGradient(dy!.values, input!.shape, attributes),
  ),
  plainKernel(RFFT2, ({ x }) => rfft2(x!.values, x!.shape)),
  plainKernel(IRFFT2, ({ x }, { columns }) => irfft2(x!.values, x!.shape, columns as number)),
  plainKernel(RFFT2_ADJOINT, ({ x }, { columns }) => rfft2Adjoint(x!.values, x!.shape, columns as number)),
  plainKernel(IRFFT2_ADJOINT, ({ x }, { columns }) => irfft2Adjoint(x!.values, x!.shape, columns as number)),
];
