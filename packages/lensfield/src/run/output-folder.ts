import { constants } from 'node:fs';
import { access, mkdir, readdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from '@lensfield/kernels';

/**
 * Checks that `--out` can be written, before any work, without creating it: the nearest folder that exists must be writable.
 *
 * @throws {InvalidArgumentError} if it is a file or not writable.
 */
export async function checkOutputFolder(path: string): Promise<void> {
  const folder = resolve(path);
  const existing = await nearestExisting(folder);
  try {
    await readdir(existing);
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(path, cause as NodeJS.ErrnoException);
  }
}

/** Creates the folder; call it when there is something to write. */
export async function createOutputFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw unwritable(path, cause as NodeJS.ErrnoException);
  }
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await access(path, constants.F_OK);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) return path;
    return nearestExisting(parent);
  }
}

function unwritable(path: string, cause: NodeJS.ErrnoException): InvalidArgumentError {
  return new InvalidArgumentError(
    '--out',
    `--out must be a folder that can be created and written; got '${path}' (${cause.code}). Choose another folder.`,
    { cause },
  );
}
