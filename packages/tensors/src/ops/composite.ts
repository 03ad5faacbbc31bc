import type { Tensor } from '@tensorflow/tfjs-core';
import * as core from '@tensorflow/tfjs-core';
import { untracked } from '../gradients/_definition.ts';

/** x as a constant: no gradient passes through the result. */
export function stopGradient<T extends Tensor>(x: T): T {
  return untracked(() => core.clone(x));
}

/** log of softmax along the last axis, in one kernel; finite for any finite logits. */
export function logSoftmax<T extends Tensor>(logits: T): T {
  return core.engine().runKernel('LogSoftmax', { logits }, { axis: -1 });
}

/**
 * log(sum(exp(x))) over `axis` (all axes by default), without overflow. A slice of which every entry is -Infinity gives
 * -Infinity; NaN and +Infinity pass through.
 */
export function logSumExp(x: Tensor, axis?: number | number[], keepDims = false): Tensor {
  return core.tidy(() => {
    const shift = untracked(() => {
      const largest = core.max(x, axis, true);
      return core.where(core.isFinite(largest), largest, core.zerosLike(largest));
    });
    const total = core.log(core.sum(core.exp(core.sub(x, shift)), axis, true));
    const kept = core.add(total, shift);
    return keepDims ? kept : core.squeeze(kept, core.util.parseAxisParam(axis as number, x.shape));
  });
}
