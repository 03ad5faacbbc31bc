import { isLensfieldError } from '@lensfield/kernels';

export const DONE = 0;
export const FAILED = 1;
export const WRONG_INPUT = 2;

/** Codes of the system for a disk, a quota or a file size that is used up. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** 2 for what the caller can mend (one line says how), 1 for everything else, such as a disk that filled up on the way. */
export function exitCodeOf(error: unknown): number {
  return isLensfieldError(error, 'INVALID_ARGUMENT') && !isOutOfRoom(error) ? WRONG_INPUT : FAILED;
}

function isOutOfRoom({ cause }: Error): boolean {
  return NO_ROOM.includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** One line: what was wrong, the rule, the value, the remedy. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `lensfield: ${text.replaceAll(/\s*\n\s*/g, ' ')}`;
}
