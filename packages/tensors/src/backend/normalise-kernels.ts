import { normalise, normaliseGradient } from '@lensfield/kernels';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { NORMALISE, NORMALISE_GRADIENT, type NormaliseAttributes } from '../ops/normalise.ts';
import { define, type KernelDefinition } from './definition.ts';

const forward = define(NORMALISE, ({ inputs, attrs, backend }) => {
  const { x, scale, offset } = inputs as Record<string, TensorInfo> as {
    x: TensorInfo;
    scale: TensorInfo;
    offset: TensorInfo;
  };
  const shape = attrs as NormaliseAttributes;
  const output = backend.output(x.shape);
  const moments = backend.output([2, shape.outer * shape.groups]);
  if (output.values.length === 0) {
    moments.values.fill(Number.NaN);
    return [output.info, moments.info];
  }
  const arrays = {
    x: backend.floats(x),
    scale: backend.floats(scale),
    offset: backend.floats(offset),
    output: output.values,
    moments: moments.values,
  };
  normalise(backend.kernels, arrays, shape);
  return [output.info, moments.info];
});

const gradient = define(NORMALISE_GRADIENT, ({ inputs, attrs, backend }) => {
  const { dy, x, scale, moments } = inputs as Record<string, TensorInfo> as {
    dy: TensorInfo;
    x: TensorInfo;
    scale: TensorInfo;
    moments: TensorInfo;
  };
  const dx = backend.output(x.shape);
  const dscale = backend.output(scale.shape);
  const doffset = backend.output(scale.shape);
  const result = [dx.info, dscale.info, doffset.info];
  if (dx.values.length === 0) {
    dscale.values.fill(0);
    doffset.values.fill(0);
    return result;
  }
  const arrays = {
    outputGradient: backend.floats(dy),
    x: backend.floats(x),
    scale: backend.floats(scale),
    moments: backend.floats(moments),
    inputGradient: dx.values,
    scaleGradient: dscale.values,
    offsetGradient: doffset.values,
  };
  normaliseGradient(backend.kernels, arrays, attrs as NormaliseAttributes);
  return result;
});

export const normaliseKernels: readonly KernelDefinition[] = [forward, gradient];
