import { InvalidArgumentError } from '@lensfield/kernels';
import { checkCheckpoint } from './checkpoint.ts';

/** The file of one chain inside a checkpoint folder. */
export function checkpointFile(folder: string, chain: number): string {
  return `${folder.replace(/\/+$/, '')}/chain-${chain}.checkpoint`;
}

const previousOf = (file: string) => `${file}.previous`;
const unfinishedOf = (file: string) => `${file}.writing`;

/**
 * Writes beside the file, waits for the disk, and renames; what the file held stays as `.previous`. At any moment one of the two is whole.
 *
 * @throws {Error} if the disk is full or not writable; checkpoints written before stay as they are.
 */
export async function writeCheckpointFile(file: string, bytes: Uint8Array): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const beside = unfinishedOf(file);
  try {
    const handle = await open(beside, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(file, previousOf(file)).catch(unlessMissing);
    await rename(beside, file);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {});
    const { message } = cause as Error;
    throw new Error(
      `hmc.runChains: ${file} must be a checkpoint that can be written; got ${message}. Make room there and resume: the checkpoints before it are kept.`,
      { cause },
    );
  }
}

/**
 * The bytes of the last whole checkpoint of a chain; undefined if there is none.
 *
 * @param onWarning  Hears of it if that is not the last that was begun.
 * @throws {InvalidArgumentError} if there are only damaged ones.
 */
export async function readCheckpointFile(
  file: string,
  onWarning: (text: string) => void,
): Promise<Uint8Array | undefined> {
  let damage: unknown;
  for (const path of [file, previousOf(file)]) {
    const bytes = await bytesOf(path);
    if (bytes === undefined) continue;
    try {
      checkCheckpoint(bytes);
    } catch (error) {
      damage ??= error;
      continue;
    }
    if (path !== file) {
      onWarning(
        `${file} is ${damage === undefined ? 'missing' : 'damaged'}; going on from the one before it`,
      );
    }
    return bytes;
  }
  if (damage !== undefined) throw damage;
  return undefined;
}

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  const { readFile } = await import('node:fs/promises');
  return (await readFile(path).catch(unlessMissing)) ?? undefined;
}

/** Removes what an earlier run left of a chain. */
export async function removeCheckpointFile(file: string): Promise<void> {
  const { rm } = await import('node:fs/promises');
  for (const path of [file, previousOf(file), unfinishedOf(file)]) await rm(path, { force: true });
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** @throws {InvalidArgumentError} if the folder cannot be made or written to. */
export async function makeCheckpointFolder(folder: string): Promise<void> {
  const { access, constants, mkdir } = await import('node:fs/promises');
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new InvalidArgumentError(
      'checkpointFolder',
      `hmc.runChains: checkpointFolder must be a folder that can be written to; got ${folder}. Choose another.`,
      { cause },
    );
  }
}
