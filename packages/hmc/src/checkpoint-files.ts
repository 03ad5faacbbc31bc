import { InvalidArgumentError } from '@lensfield/kernels';

/** The file of one chain inside a checkpoint folder. */
export function checkpointFile(folder: string, chain: number): string {
  return `${folder.replace(/\/+$/, '')}/chain-${chain}.checkpoint`;
}

/** Writes beside the file and renames, so that it is always whole: the old one or the new one. */
export async function writeCheckpointFile(file: string, bytes: Uint8Array): Promise<void> {
  const { rename, writeFile } = await import('node:fs/promises');
  const beside = `${file}.writing`;
  await writeFile(beside, bytes);
  await rename(beside, file);
}

/** The bytes of a checkpoint file; undefined if there is none. */
export async function readCheckpointFile(file: string): Promise<Uint8Array | undefined> {
  const { readFile } = await import('node:fs/promises');
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
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
