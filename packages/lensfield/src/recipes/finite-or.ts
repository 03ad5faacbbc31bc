import { isLensfieldError } from '@lensfield/kernels';

/** `value()`, or `otherwise` where the parameters describe no universe. */
export function finiteOr(otherwise: number, value: () => number): number {
  try {
    const result = value();
    return Number.isFinite(result) ? result : otherwise;
  } catch (error) {
    if (isLensfieldError(error, 'INVALID_ARGUMENT') || isLensfieldError(error, 'NUMERICAL')) return otherwise;
    throw error;
  }
}
