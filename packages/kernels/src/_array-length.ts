import { InvalidArgumentError } from './errors.ts';

/** Checks the length of an array to be made. */
export function checkLength(length: number): void {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new InvalidArgumentError(
      'length',
      `kernels.Kernels: length must be a non-negative integer; got ${length}.`,
    );
}
