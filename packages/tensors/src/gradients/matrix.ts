import { type GradConfig, matMul } from '@tensorflow/tfjs-core';
import { gradient, sumToShape } from './_definition.ts';

/** C = op(A) op(B): each gradient is again a product, so every order follows from the first. */
export const matrixGradients: readonly GradConfig[] = [
  gradient('BatchMatMul', ['a', 'b'], (dy, [a, b], { transposeA, transposeB }) => ({
    a: () => {
      const da = transposeA ? matMul(b!, dy, Boolean(transposeB), true) : matMul(dy, b!, false, !transposeB);
      return sumToShape(da, a!.shape);
    },
    b: () => {
      const db = transposeB ? matMul(dy, a!, true, Boolean(transposeA)) : matMul(a!, dy, !transposeA, false);
      return sumToShape(db, b!.shape);
    },
  })),
];
