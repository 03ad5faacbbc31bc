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
  checkPositive(where, 'stepSize', stepSize, ' Let warm-up find it if it is unknown.');
}

/** Throws unless `value` is positive and finite; `remedy` ends the message. */
export function checkPositive(where: string, argument: string, value: number, remedy = ''): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new InvalidArgumentError(
    argument,
    `hmc.${where}: ${argument} must be positive and finite; got ${value}.${remedy}`,
  );
}

/** Throws unless `jitter` is in [0, 1). */
export function checkJitter(where: string, jitter: number): void {
  if (jitter >= 0 && jitter < 1) return;
  throw new InvalidArgumentError(
    'jitter',
    `hmc.${where}: jitter must be in [0, 1); got ${jitter}. Use 0 for none.`,
  );
}
