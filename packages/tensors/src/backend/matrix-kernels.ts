import { gemm } from '@lensfield/kernels';
import { broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { defineForFloats, fallBack, type KernelDefinition } from './definition.ts';

/** Batches of a product: as many as the larger operand has, the other's single matrix repeated. */
function batches(a: readonly number[], b: readonly number[]) {
  const outerA = a.slice(0, -2);
  const outerB = b.slice(0, -2);
  const countA = util.sizeFromShape(outerA);
  const countB = util.sizeFromShape(outerB);
  const shape = broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  const count = util.sizeFromShape(shape);
  const isPlain = (countA === 1 || countA === count) && (countB === 1 || countB === count);
  return { shape, count, countA, countB, isPlain };
}

const matMul = defineForFloats('BatchMatMul', (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const transposeA = Boolean(attrs.transposeA);
  const transposeB = Boolean(attrs.transposeB);
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  const batch = batches(a.shape, b.shape);
  if (!batch.isPlain) return fallBack('BatchMatMul', parameters);
  const { info, values } = backend.output([...batch.shape, m, n]);
  if (values.length === 0) return info;
  gemm(backend.kernels, backend.floats(a), backend.floats(b), values, {
    m,
    n,
    k,
    transposeA,
    transposeB,
    batch: batch.count,
    strideA: batch.countA === 1 ? 0 : m * k,
    strideB: batch.countB === 1 ? 0 : k * n,
  });
  return info;
});

export const matrixKernels: readonly KernelDefinition[] = [matMul];
