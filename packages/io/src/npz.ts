import { type Zippable, zipSync } from 'fflate';
import { listZip, readZipEntry } from './_zip-entries.ts';
import { InvalidArgumentError } from './errors.ts';
import { type DecodeOptions, decodeNpy, encodeNpy } from './npy.ts';
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
  const members = new Map(listZip(bytes, where).map((entry) => [entry.name.replace(/\.npy$/, ''), entry]));
  const names = options.names ?? [...members.keys()];
  return Object.fromEntries(
    names.map((name) => {
      const entry = members.get(name);
      if (!entry) {
        const found = [...members.keys()].join(', ') || 'no arrays';
        throw new InvalidArgumentError('names', `${where} must have an array ${name}; got ${found}.`);
      }
      return [name, decodeNpy(readZipEntry(bytes, entry, where), { source: `${source}[${name}]` })];
    }),
  );
}

export interface EncodeNpzOptions {
  /** Deflate the arrays, as `numpy.savez_compressed`; default false. */
  readonly compress?: boolean;
}

/** Encodes named arrays as an .npz archive that `numpy.load` reads. The same arrays give the same bytes at any time. */
export function encodeNpz(
  arrays: Readonly<Record<string, EncodableArray>>,
  options: EncodeNpzOptions = {},
): Uint8Array {
  // A fixed date, the first that zip knows, keeps the bytes the same.
  const attributes = { level: options.compress ? 6 : 0, mtime: new Date(1980, 0, 1) } as const;
  const members = Object.entries(arrays).map(([name, array]) => [
    `${name}.npy`,
    [encodeNpy(array), attributes],
  ]);
  return zipSync(Object.fromEntries(members) as Zippable);
}
