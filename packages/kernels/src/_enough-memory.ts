import { NumericalError } from './errors.ts';

/** Throws where a kernel says by a number other than 0 that its scratch space could not grow. */
export function requireMemory(where: string, failed: number): void {
  if (failed !== 0) throw new NumericalError('memory', `kernels.${where}: out of scratch memory.`);
}
