import type { FloatArray } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';

/** Throws unless `theta` has a finite value for each name. */
export function requireTheta(where: string, theta: FloatArray, names: readonly string[]): void {
  if (theta.length !== names.length) {
    throw new InvalidArgumentError(
      'theta',
      `tasks.${where}: theta must have ${names.length} entries (${names.join(', ')}); got ${theta.length}.`,
    );
  }
  const bad = theta.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      'theta',
      `tasks.${where}: ${names[bad]} must be finite; got ${theta[bad]}.`,
    );
  }
}

/** The same for parameters that must be positive. */
export function requirePositiveTheta(where: string, theta: FloatArray, names: readonly string[]): void {
  requireTheta(where, theta, names);
  const bad = theta.findIndex((value) => !(value > 0));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      'theta',
      `tasks.${where}: ${names[bad]} must be above 0; got ${theta[bad]}.`,
    );
  }
}

/** Throws unless `x` has `size` finite values. */
export function requireData(where: string, x: FloatArray, size: number): void {
  if (x.length !== size) {
    throw new InvalidArgumentError('x', `tasks.${where}: x must have ${size} values; got ${x.length}.`);
  }
  const bad = x.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InvalidArgumentError('x', `tasks.${where}: x must be finite; got ${x[bad]} at index ${bad}.`);
  }
}

/** The same for data that must be positive. */
export function requirePositiveData(where: string, x: FloatArray, size: number): void {
  requireData(where, x, size);
  const bad = x.findIndex((value) => !(value > 0));
  if (bad >= 0) {
    throw new InvalidArgumentError('x', `tasks.${where}: x must be above 0; got ${x[bad]} at index ${bad}.`);
  }
}
