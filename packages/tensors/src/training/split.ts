import type { Key } from '@lensfield/contracts';
import { InvalidArgumentError, permutation } from '@lensfield/kernels';

/** Rows of a data set, each in one of two parts. */
export interface RowSplit {
  readonly training: Int32Array;
  readonly validation: Int32Array;
}

/**
 * A random split of n rows: round(n validationFraction) of them, at least one, for validation.
 *
 * @throws {InvalidArgumentError} if either part would be empty.
 */
export function splitRows(key: Key, n: number, validationFraction: number): RowSplit {
  const numValidation = Math.max(1, Math.round(n * validationFraction));
  if (!(validationFraction > 0 && validationFraction < 1) || !(numValidation < n)) {
    throw new InvalidArgumentError(
      'validationFraction',
      `tensors.splitRows: validationFraction must leave rows on both sides; got ${validationFraction} of ${n} rows.`,
    );
  }
  const order = permutation(key, n);
  return { validation: order.slice(0, numValidation), training: order.slice(numValidation) };
}
