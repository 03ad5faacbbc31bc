import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** Name of the kernel of {@link silu}. */
export const SILU = 'LensfieldSilu';

/** x * sigmoid(x), in one kernel. */
export function silu<T extends Tensor>(x: T): T {
  return engine().runKernel(SILU, { x });
}
