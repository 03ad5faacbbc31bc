import { type Zippable, zipSync } from 'fflate';
import { listZip, readZipEntry } from './_zip-entries.ts';
import { InvalidArgumentError } from './errors.ts';
import { type DecodeOptions, decodeNpy, encodeNpy } from './npy.ts';
import { decodeNpyStrings, encodeNpyStrings } from './npy-strings.ts';
import type { EncodableArray, TypedNdArray } from './typed-nd-array.ts';

export interface DecodeNpzOptions extends DecodeOptions {
  /** The arrays to read; default all. Others may hold what this package does not read. */
  readonly names?: readonly string[];
}

/**
 * Decodes a NumPy .npz archive, stored or deflated, and checks its checksums.
 *
 * @returns The arrays by name, in the order of the archive.
 * @throws {InvalidArgumentError} if `bytes` is no zip archive, is damaged, or lacks one of `names`; and as {@link decodeNpy}.
 * @throws {UnsupportedError} for members of 4 GiB or more; and as {@link decodeNpy}.
 *
 * Accuracy: exact (test/npz.test.ts, files written by NumPy).
 */
export function decodeNpz(bytes: Uint8Array, options: DecodeNpzOptions = {}): Record<string, TypedNdArray> {
  const source = options.source ?? 'bytes';
  const where = `io.decodeNpz: ${source}`;
  const members = membersOf(bytes, where);
  const names = options.names ?? [...members.keys()];
  return Object.fromEntries(
    names.map((name) => [
      name,
      decodeNpy(readMember(bytes, members, name, where), { source: `${source}[${name}]` }),
    ]),
  );
}

/**
 * Decodes one array of strings in a NumPy .npz archive.
 *
 * @throws {UnsupportedError} if it holds no strings; and as {@link decodeNpz}.
 */
export function decodeNpzStrings(bytes: Uint8Array, name: string, options: DecodeOptions = {}): string[] {
  const source = options.source ?? 'bytes';
  const where = `io.decodeNpzStrings: ${source}`;
  const member = readMember(bytes, membersOf(bytes, where), name, where);
  return decodeNpyStrings(member, { source: `${source}[${name}]` });
}

type Members = ReadonlyMap<string, ReturnType<typeof listZip>[number]>;

function membersOf(bytes: Uint8Array, where: string): Members {
  return new Map(listZip(bytes, where).map((entry) => [entry.name.replace(/\.npy$/, ''), entry]));
}

function readMember(bytes: Uint8Array, members: Members, name: string, where: string): Uint8Array {
  const entry = members.get(name);
  if (entry) return readZipEntry(bytes, entry, where);
  const found = [...members.keys()].join(', ') || 'no arrays';
  throw new InvalidArgumentError('names', `${where} must have an array ${name}; got ${found}.`);
}

export interface EncodeNpzOptions {
  /** Deflate the arrays, as `numpy.savez_compressed`; default false. */
  readonly compress?: boolean;
}

/** Encodes named arrays, and lists of strings, as an .npz archive that `numpy.load` reads. The same arrays give the same bytes at any time. */
export function encodeNpz(
  arrays: Readonly<Record<string, EncodableArray | readonly string[]>>,
  options: EncodeNpzOptions = {},
): Uint8Array {
  // A fixed date, the first that zip knows, keeps the bytes the same.
  const attributes = { level: options.compress ? 6 : 0, mtime: new Date(1980, 0, 1) } as const;
  const members = Object.entries(arrays).map(([name, array]) => [
    `${name}.npy`,
    [isStrings(array) ? encodeNpyStrings(array) : encodeNpy(array), attributes],
  ]);
  return zipSync(Object.fromEntries(members) as Zippable);
}

function isStrings(array: EncodableArray | readonly string[]): array is readonly string[] {
  return Array.isArray(array);
}
