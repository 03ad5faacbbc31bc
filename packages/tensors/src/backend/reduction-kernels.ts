import { copyStrided, type Reduction, reduceAxis, softmaxRows } from '@lensfield/kernels';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { define, defineForFloats, fallBack, type KernelDefinition } from './definition.ts';
import type { KernelsBackend } from './kernels-backend.ts';

interface Layout {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** The reduced axes as one axis between two others, or nothing if others (longer than one) lie between them. */
function layoutOf(shape: readonly number[], axes: readonly number[]): Layout | undefined {
  let outer = 1;
  let length = 1;
  let inner = 1;
  let isPast = false;
  for (let d = 0; d < shape.length; d++) {
    const size = shape[d]!;
    if (axes.includes(d)) {
      if (isPast && size !== 1) return undefined;
      length *= size;
    } else if (length === 1) outer *= size;
    else {
      inner *= size;
      isPast ||= size !== 1;
    }
  }
  return { outer, length, inner };
}

/** The tensor with its reduced axes last; the caller disposes it. */
function reducedAxesLast(backend: KernelsBackend, x: TensorInfo, axes: readonly number[]): TensorInfo {
  const kept = x.shape.map((_, d) => d).filter((d) => !axes.includes(d));
  const permutation = [...kept, ...axes];
  const shape = permutation.map((d) => x.shape[d]!);
  const { info, values } = backend.output(shape);
  const from = util.computeStrides(x.shape).concat(1);
  const to = util.computeStrides(shape).concat(1);
  if (values.length > 0) {
    const copyAxes = shape.map((size, d) => [size, from[permutation[d]!]!, to[d]!] as const);
    copyStrided(backend.kernels, backend.floats(x), values, copyAxes);
  }
  return info;
}

function reductionKernel(kernelName: string, operation: Reduction, isMean = false): KernelDefinition {
  return defineForFloats(kernelName, ({ inputs, attrs, backend }) => {
    const x = inputs.x!;
    const axes = util.parseAxisParam((attrs.reductionIndices ?? attrs.axis) as number[], x.shape);
    const shape = attrs.keepDims
      ? x.shape.map((size, d) => (axes.includes(d) ? 1 : size))
      : x.shape.filter((_, d) => !axes.includes(d));
    const { info, values } = backend.output(shape);
    if (values.length === 0) return info;
    const direct = layoutOf(x.shape, axes);
    const moved = direct ? undefined : reducedAxesLast(backend, x, axes);
    const length = axes.reduce((product, d) => product * x.shape[d]!, 1);
    const layout = direct ?? { outer: values.length, length, inner: 1 };
    reduceAxis(backend.kernels, operation, backend.floats(moved ?? x), values, {
      ...layout,
      scale: isMean ? 1 / length : 1,
    });
    if (moved) backend.disposeIntermediateTensorInfo(moved);
    return info;
  });
}

function softmaxKernel(kernelName: string, logarithm: boolean): KernelDefinition {
  return define(kernelName, (parameters) => {
    const { inputs, attrs, backend } = parameters;
    const logits = inputs.logits!;
    const axis = util.parseAxisParam((attrs.dim ?? attrs.axis) as number, logits.shape)[0];
    if (logits.dtype !== 'float32' || axis !== logits.shape.length - 1)
      return fallBack(kernelName, parameters);
    const { info, values } = backend.output(logits.shape);
    const columns = logits.shape[axis]!;
    if (values.length > 0) {
      const options = { rows: values.length / columns, columns, logarithm };
      softmaxRows(backend.kernels, backend.floats(logits), values, options);
    }
    return info;
  });
}

export const reductionKernels: readonly KernelDefinition[] = [
  reductionKernel('Sum', 'sum'),
  reductionKernel('Mean', 'sum', true),
  reductionKernel('Max', 'max'),
  reductionKernel('Min', 'min'),
  reductionKernel('Prod', 'product'),
  softmaxKernel('Softmax', false),
  softmaxKernel('LogSoftmax', true),
];
