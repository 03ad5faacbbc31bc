import type { KernelConfig } from '@tensorflow/tfjs-core';
import { ACTIVATION_GRADIENT, activationSlope, type FusedActivation } from '../ops/activation-gradient.ts';
import { IRFFT2, IRFFT2_ADJOINT, RFFT2, RFFT2_ADJOINT } from '../ops/fourier.ts';
import { MAX_POOL_SELECT } from '../ops/max-pool-select.ts';
import { NORMALISE, NORMALISE_GRADIENT, type NormaliseAttributes } from '../ops/normalise.ts';
import { SILU } from '../ops/silu.ts';
import { SORT_ORDER } from '../ops/sort.ts';
import { irfft2, irfft2Adjoint, rfft2, rfft2Adjoint } from './fourier.ts';
import { normalise, normaliseGradient } from './normalise.ts';
import { plainKernel } from './plain-kernel.ts';
import { avgPoolGradient, maxPoolSelect } from './pooling.ts';
import { resizeBilinear, resizeGradient } from './resize.ts';
import { sortOrder } from './sort.ts';

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

const norms = [
  plainKernel(NORMALISE, ({ x, scale, offset }, attributes) => {
    const shape = attributes as NormaliseAttributes;
    const { values, moments } = normalise(x!.values, scale!.values, offset!.values, shape);
    return [
      { shape: x!.shape, values },
      { shape: [2, shape.outer * shape.groups], values: moments },
    ];
  }),
  plainKernel(NORMALISE_GRADIENT, ({ dy, x, scale, moments }, attributes) => {
    const shape = attributes as NormaliseAttributes;
    const parts = normaliseGradient(dy!.values, x!.values, scale!.values, moments!.values, shape);
    return [
      { shape: x!.shape, values: parts.dx },
      { shape: scale!.shape, values: parts.dscale },
      { shape: scale!.shape, values: parts.doffset },
    ];
  }),
];

/** TensorFlow.js's own gradients ignore `halfPixelCenters`, and its linear resizing makes NaN of an infinity that it need not read. */
const resizing = [
  plainKernel('ResizeBilinear', ({ images }, attributes) => resizeBilinear(images!, attributes)),
  plainKernel('ResizeBilinearGrad', ({ images, dy }, attributes) =>
    resizeGradient(dy!, images!.shape, false, attributes),
  ),
  plainKernel('ResizeNearestNeighborGrad', ({ images, dy }, attributes) =>
    resizeGradient(dy!, images!.shape, true, attributes),
  ),
];

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
  ...norms,
  ...resizing,
  plainKernel(SORT_ORDER, ({ x }, attributes) => sortOrder(x!, attributes)),
  plainKernel(RFFT2, ({ x }) => rfft2(x!.values, x!.shape)),
  plainKernel(IRFFT2, ({ x }, { columns }) => irfft2(x!.values, x!.shape, columns as number)),
  plainKernel(RFFT2_ADJOINT, ({ x }, { columns }) => rfft2Adjoint(x!.values, x!.shape, columns as number)),
  plainKernel(IRFFT2_ADJOINT, ({ x }, { columns }) => irfft2Adjoint(x!.values, x!.shape, columns as number)),
];
