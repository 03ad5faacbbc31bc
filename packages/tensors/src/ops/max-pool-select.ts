import { engine, type NamedAttrMap, type Tensor } from '@tensorflow/tfjs-core';

/** Name of the kernel that reads `values` where the windows of `x` attain their maxima. */
export const MAX_POOL_SELECT = 'LensfieldMaxPoolSelect';

/**
 * For each pooling window, the entry of `values` at the (first) maximum of `x` in that window. It is the adjoint of
 * `MaxPoolGrad` in its `dy`, which second derivatives through max pooling need.
 */
export function maxPoolSelect(values: Tensor, x: Tensor, attributes: NamedAttrMap): Tensor {
  return engine().runKernel(MAX_POOL_SELECT, { values, x }, attributes);
}
