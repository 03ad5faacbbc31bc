import {
  broadcastAxes,
  type Comparison,
  classify,
  compare,
  copyStrided,
  logical,
  type NumberClass,
} from '@lensfield/kernels';
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { define, defineForFloats, fallBack, type KernelDefinition } from './definition.ts';
import { sameShape } from './elementwise-kernels.ts';
import type { KernelsBackend } from './kernels-backend.ts';

/** A tensor spread to a shape that it broadcasts to; the caller disposes the result. */
function spread(backend: KernelsBackend, x: TensorInfo, shape: number[]): TensorInfo {
  if (sameShape(x.shape, shape)) return backend.view(x, shape);
  const { info, values } = backend.output(shape);
  const axes = broadcastAxes(shape, x.shape).map(([size, to, from]) => [size, from, to] as const);
  copyStrided(backend.kernels, backend.floats(x), values, axes);
  return info;
}

function comparisonKernel(kernelName: string, comparison: Comparison): KernelDefinition {
  return defineForFloats(kernelName, ({ inputs, backend }) => {
    const shape = backend_util.assertAndGetBroadcastShape(inputs.a!.shape, inputs.b!.shape);
    const a = spread(backend, inputs.a!, shape);
    const b = spread(backend, inputs.b!, shape);
    const { info, values } = backend.maskOutput(shape);
    if (values.length > 0) compare(backend.kernels, comparison, backend.floats(a), backend.floats(b), values);
    backend.disposeIntermediateTensorInfo(a);
    backend.disposeIntermediateTensorInfo(b);
    return info;
  });
}

function logicalKernel(kernelName: string, operation: 'and' | 'or'): KernelDefinition {
  return define(kernelName, (parameters) => {
    const { inputs, backend } = parameters;
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    if (!sameShape(a.shape, b.shape)) return fallBack(kernelName, parameters);
    const { info, values } = backend.maskOutput(a.shape);
    if (values.length > 0) logical(backend.kernels, operation, mask(backend, a), mask(backend, b), values);
    return info;
  });
}

function mask(backend: KernelsBackend, tensor: TensorInfo): Uint8Array {
  return backend.dataOf(tensor.dataId).values as Uint8Array;
}

const logicalNot = define('LogicalNot', ({ inputs, backend }) => {
  const { info, values } = backend.maskOutput(inputs.x!.shape);
  if (values.length > 0) logical(backend.kernels, 'not', mask(backend, inputs.x!), null, values);
  return info;
});

function classKernel(kernelName: string, kind: NumberClass): KernelDefinition {
  return defineForFloats(kernelName, ({ inputs, backend }) => {
    const { info, values } = backend.maskOutput(inputs.x!.shape);
    if (values.length > 0) classify(backend.kernels, kind, backend.floats(inputs.x!), values);
    return info;
  });
}

const select = define('Select', (parameters) => {
  const { inputs, backend } = parameters;
  const { condition, t, e } = inputs as Record<string, TensorInfo> as {
    condition: TensorInfo;
    t: TensorInfo;
    e: TensorInfo;
  };
  const isPlain = t.dtype === 'float32' && e.dtype === 'float32' && sameShape(condition.shape, t.shape);
  if (!isPlain) return fallBack('Select', parameters);
  const { info, values } = backend.output(t.shape);
  const { lf_select: select } = backend.kernels.call;
  if (values.length > 0)
    select(mask(backend, condition), backend.floats(t), backend.floats(e), values, values.length);
  return info;
});

export const maskKernels: readonly KernelDefinition[] = [
  comparisonKernel('Equal', 'equal'),
  comparisonKernel('NotEqual', 'notEqual'),
  comparisonKernel('Greater', 'greater'),
  comparisonKernel('GreaterEqual', 'greaterEqual'),
  comparisonKernel('Less', 'less'),
  comparisonKernel('LessEqual', 'lessEqual'),
  logicalKernel('LogicalAnd', 'and'),
  logicalKernel('LogicalOr', 'or'),
  logicalNot,
  classKernel('IsNan', 'isNaN'),
  classKernel('IsInf', 'isInfinite'),
  classKernel('IsFinite', 'isFinite'),
  select,
];
