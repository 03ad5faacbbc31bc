import { InvalidArgumentError } from './errors.ts';

/** Refuses an array that a kernel would read or write past its end. */
export function requireLength(
  where: string,
  argument: string,
  array: { readonly length: number },
  length: number,
): void {
  if (array.length === length) return;
  throw new InvalidArgumentError(
    argument,
    `kernels.${where}: ${argument} must have ${length} elements; got ${array.length}.`,
  );
}
