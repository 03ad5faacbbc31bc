import { InvalidArgumentError } from '@lensfield/kernels';

/** Throws unless `value` is a whole number of at least `least`. */
export function checkCount(where: string, argument: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InvalidArgumentError(
    argument,
    `hmc.${where}: ${argument} must be a whole number of at least ${least}; got ${value}.`,
  );
}

/** Throws unless the step size is positive and finite. */
export function checkStep(where: string, stepSize: number): void {
  if (stepSize > 0 && Number.isFinite(stepSize)) return;
  throw new InvalidArgumentError(
    'stepSize',
    `hmc.${where}: stepSize must be positive and finite; got ${stepSize}. Let warm-up find it if it is unknown.`,
  );
}
