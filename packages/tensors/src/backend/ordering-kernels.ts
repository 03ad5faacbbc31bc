import { cumulativeSum, sortOrder } from '@lensfield/kernels';
import { util } from '@tensorflow/tfjs-core';
import { SORT_ORDER } from '../ops/sort.ts';
import { define, defineForFloats, type KernelDefinition } from './definition.ts';

const cumsum = defineForFloats('Cumsum', ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const axis = util.parseAxisParam(attrs.axis as number, x.shape)[0]!;
  const { info, values } = backend.output(x.shape);
  if (values.length > 0) {
    cumulativeSum(backend.kernels, backend.floats(x), values, {
      outer: util.sizeFromShape(x.shape.slice(0, axis)),
      length: x.shape[axis]!,
      inner: util.sizeFromShape(x.shape.slice(axis + 1)),
      exclusive: Boolean(attrs.exclusive),
      reverse: Boolean(attrs.reverse),
    });
  }
  return info;
});

const order = define(SORT_ORDER, ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const { info, values } = backend.integerOutput(x.shape);
  const columns = x.shape.at(-1) ?? 1;
  if (values.length > 0) {
    sortOrder(backend.kernels, backend.floats(x), values, {
      rows: values.length / columns,
      columns,
      descending: Boolean(attrs.descending),
      flat: Boolean(attrs.flat),
    });
  }
  return info;
});

/** Kernels that go along an axis in order. */
export const orderingKernels: readonly KernelDefinition[] = [cumsum, order];
