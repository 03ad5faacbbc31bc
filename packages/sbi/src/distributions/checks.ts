import { InvalidArgumentError } from '@lensfield/kernels';

/** Throws unless `value` is a finite number. */
export function requireFinite(where: string, argument: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new InvalidArgumentError(
      argument,
      `${where}: ${argument} must be a finite number; got ${String(value)}.`,
    );
  }
}

/** Throws unless `value` is a finite number above zero. */
export function requirePositive(where: string, argument: string, value: unknown): asserts value is number {
  requireFinite(where, argument, value);
  if (value <= 0) {
    throw new InvalidArgumentError(argument, `${where}: ${argument} must be above 0; got ${value}.`);
  }
}

/** Throws unless `low` lies below `high`; either may be infinite, neither may be NaN. */
export function requireOrdered(where: string, low: unknown, high: unknown): void {
  for (const [argument, value] of [
    ['low', low],
    ['high', high],
  ] as const) {
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw new InvalidArgumentError(
        argument,
        `${where}: ${argument} must be a number; got ${String(value)}.`,
      );
    }
  }
  if (!((low as number) < (high as number))) {
    throw new InvalidArgumentError(
      'low',
      `${where}: low must be below high; got low ${low}, high ${high}. Exchange them, or use fixed(value) for one value.`,
    );
  }
}
