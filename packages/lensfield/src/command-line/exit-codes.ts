import { isLensfieldError } from '@lensfield/kernels';

export const DONE = 0;
export const FAILED = 1;
export const WRONG_INPUT = 2;

/** 2 for what the caller can mend (one line says how), 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  return isLensfieldError(error, 'INVALID_ARGUMENT') ? WRONG_INPUT : FAILED;
}

/** One line: what was wrong, the rule, the value, the remedy. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `lensfield: ${text.replaceAll(/\s*\n\s*/g, ' ')}`;
}
