import { InvalidArgumentError } from '@lensfield/kernels';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as core from '@tensorflow/tfjs-core';
import { untracked } from '../gradients/_definition.ts';

/** Name of the kernel of {@link argsort}; with attribute `flat` it gives places in the whole tensor. */
export const SORT_ORDER = 'LensfieldSortOrder';

export interface SortOptions {
  /** Largest first. Default false. */
  readonly descending?: boolean;
}

function orderOf(where: string, x: Tensor, { descending = false }: SortOptions, flat: boolean): Tensor {
  if (x.dtype !== 'float32') {
    throw new InvalidArgumentError('x', `tensors.${where}: x must be float32; got ${x.dtype}.`);
  }
  return core.engine().runKernel(SORT_ORDER, { x }, { descending, flat });
}

/**
 * Places along the last axis of the entries of x in order, int32 like x. Equal entries keep their order; NaN counts as the largest. Its
 * gradient is zero.
 *
 * @throws {InvalidArgumentError} if x is not float32.
 */
export function argsort<T extends Tensor>(x: T, options: SortOptions = {}): T {
  return orderOf('argsort', x, options, false) as T;
}

/**
 * The entries of x in order along the last axis; equal entries keep their order, NaN counts as the largest.
 *
 * @throws {InvalidArgumentError} if x is not float32.
 *
 * Differentiable to second order: the gradient of each entry goes to where it came from.
 */
export function sort<T extends Tensor>(x: T, options: SortOptions = {}): T {
  return core.tidy(() => {
    const order = untracked(() => core.reshape(orderOf('sort', x, options, true), [x.size]));
    return core.reshape(core.gather(core.reshape(x, [x.size]), order as core.Tensor1D), x.shape) as T;
  });
}
