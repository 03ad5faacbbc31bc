import { InvalidArgumentError } from './errors.ts';
import { decodeNpy } from './npy.ts';
import { type DecodeNpzOptions, decodeNpz, decodeNpzStrings } from './npz.ts';
import { decodeSafetensors, type Safetensors } from './safetensors.ts';
import type { TypedNdArray } from './typed-nd-array.ts';

// Node modules are imported inside the functions, so that a page can import this package for its codecs.

/** Reads a .npy file (Node). Throws as {@link decodeNpy}, with the path; and InvalidArgumentError if it cannot be read. */
export async function readNpy(path: string): Promise<TypedNdArray> {
  return decodeNpy(await readBytes('readNpy', path), { source: path });
}

/** Reads a .npz file (Node), all arrays or `names`. Throws as {@link decodeNpz}, with the path. */
export async function readNpz(
  path: string,
  options: Pick<DecodeNpzOptions, 'names'> = {},
): Promise<Record<string, TypedNdArray>> {
  return decodeNpz(await readBytes('readNpz', path), { ...options, source: path });
}

/** Reads one array of strings of a .npz file (Node). Throws as {@link decodeNpzStrings}, with the path. */
export async function readNpzStrings(path: string, name: string): Promise<string[]> {
  return decodeNpzStrings(await readBytes('readNpzStrings', path), name, { source: path });
}

/** Reads a .safetensors file (Node). Throws as {@link decodeSafetensors}, with the path. */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return decodeSafetensors(await readBytes('readSafetensors', path), { source: path });
}

/**
 * Writes a file so that it is there in full or not at all (Node): the bytes go to a file beside it, reach the disk, and are then
 * renamed over `path`. After an error an older file at `path` is unchanged and nothing else is left.
 *
 * @throws {InvalidArgumentError} if the folder is missing or not writable, the disk is full, or `path` is a folder.
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const beside = `${path}.${process.pid}-${partialFiles++}.partial`;
  try {
    const file = await open(beside, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw fileError('writeFileAtomically', path, 'be a file that can be written', cause);
  }
}

/** Counts within the process, so that two writes of one file at a time do not share a partial file. */
let partialFiles = 0;

async function readBytes(functionName: string, path: string): Promise<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileError(functionName, path, 'be a file that can be read', cause);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder. Check the path',
  ENOTDIR: 'a part of the path that is no folder. Check the path',
  EISDIR: 'a folder. Name a file in it',
  EACCES: 'no permission. Choose another folder or change its permissions',
  EPERM: 'no permission. Choose another folder or change its permissions',
  EROFS: 'a read-only disk. Choose another folder',
  ENOSPC: 'a full disk. Free some space or choose another folder',
  EDQUOT: 'a full quota. Free some space or choose another folder',
  EFBIG: 'a file beyond the size limit. Raise the limit or choose another folder',
};

function fileError(functionName: string, path: string, rule: string, cause: unknown): InvalidArgumentError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = REASONS[code ?? ''] ?? message;
  return new InvalidArgumentError('path', `io.${functionName}: ${path} must ${rule}; got ${reason}.`, {
    cause,
  });
}
