import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const REFERENCE = new URL('../../../../shared/reference/', import.meta.url);

/** Path of a third-party reference file that is not part of this repository (it lies beside it, in `../shared/reference`). */
export function referenceFile(path: string): string {
  return fileURLToPath(new URL(path, REFERENCE));
}

/** Whether that file is there; says so on the console where it is not, because a test that needs it is then skipped. */
export function hasReference(path: string): boolean {
  const present = existsSync(referenceFile(path));
  if (!present) console.warn(`skipped: needs ../shared/reference/${path}, which is not here`);
  return present;
}
