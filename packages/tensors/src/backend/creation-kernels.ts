import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { define, fallBack, type KernelDefinition } from './definition.ts';
import type { KernelsBackend } from './kernels-backend.ts';

/** A constant tensor. */
export function filled(backend: KernelsBackend, shape: number[], value: number, dtype: DataType): TensorInfo {
  if (dtype === 'int32') {
    const { info, values } = backend.integerOutput(shape);
    values.fill(value);
    return info;
  }
  const { info, values } = dtype === 'bool' ? backend.maskOutput(shape) : backend.output(shape);
  values.fill(value);
  return info;
}

function constantLike(kernelName: string, value: number): KernelDefinition {
  return define(kernelName, (parameters) => {
    const { x } = parameters.inputs as { x: TensorInfo };
    if (x.dtype === 'string' || x.dtype === 'complex64') return fallBack(kernelName, parameters);
    return filled(parameters.backend, x.shape, value, x.dtype);
  });
}

const fill = define('Fill', (parameters) => {
  const { shape, value, dtype } = parameters.attrs as {
    shape: number[];
    value: number | string;
    dtype?: DataType;
  };
  if (typeof value === 'string' || dtype === 'complex64') return fallBack('Fill', parameters);
  return filled(parameters.backend, shape, value, dtype ?? 'float32');
});

const cast = define('Cast', (parameters) => {
  const { inputs, backend } = parameters;
  const x = inputs.x!;
  const { dtype } = parameters.attrs as { dtype: DataType };
  if (dtype === x.dtype) return backend.view(x, x.shape);
  const source = backend.dataOf(x.dataId).values as ArrayLike<number>;
  if (dtype === 'float32' && x.dtype !== 'complex64' && x.dtype !== 'string') {
    const { info, values } = backend.output(x.shape);
    if (values.length === 0) return info;
    if (source instanceof Uint8Array) backend.kernels.call.lf_float32_of_uint8(source, values, values.length);
    else values.set(source);
    return info;
  }
  if (dtype === 'int32' && x.dtype !== 'complex64' && x.dtype !== 'string') {
    const { info, values } = backend.integerOutput(x.shape);
    values.set(source);
    return info;
  }
  if (dtype === 'bool' && x.dtype !== 'complex64' && x.dtype !== 'string') {
    const { info, values } = backend.maskOutput(x.shape);
    for (let i = 0; i < values.length; i++) values[i] = source[i] === 0 ? 0 : 1;
    return info;
  }
  return fallBack('Cast', parameters);
});

const oneHot = define('OneHot', (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const indices = inputs.indices!;
  const { depth, onValue, offValue, dtype } = attrs as {
    depth: number;
    onValue: number;
    offValue: number;
    dtype?: DataType;
  };
  if (dtype !== undefined && dtype !== 'float32') return fallBack('OneHot', parameters);
  const { info, values } = backend.output([...indices.shape, depth]);
  values.fill(offValue);
  const positions = backend.dataOf(indices.dataId).values as Int32Array;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i]!;
    if (position >= 0 && position < depth) values[i * depth + position] = onValue;
  }
  return info;
});

const range = define('Range', (parameters) => {
  const { start, stop, dtype, ...attributes } = parameters.attrs as {
    start: number;
    stop: number;
    step: number;
    dtype: DataType;
  };
  if (dtype !== 'float32' || attributes.step === 0) return fallBack('Range', parameters);
  // A step of one is the default: it goes down where `stop` lies below.
  const step = attributes.step === 1 && stop < start ? -1 : attributes.step;
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const { info, values } = parameters.backend.output([length]);
  for (let i = 0; i < length; i++) values[i] = start + i * step;
  return info;
});

export const creationKernels: readonly KernelDefinition[] = [
  constantLike('ZerosLike', 0),
  constantLike('OnesLike', 1),
  fill,
  cast,
  oneHot,
  range,
];
