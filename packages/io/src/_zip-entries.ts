import { inflateSync } from 'fflate';
import { describeContents } from './_contents.ts';
import { InvalidArgumentError, UnsupportedError } from './errors.ts';

/** One member of a zip archive as its central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly localHeader: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
/** A 32-bit field that is all ones points to a 64-bit one: an archive or member of 4 GiB or more. */
const IN_ZIP64 = 0xffffffff;

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Lists a zip archive from the directory at its end. `where` begins the error message. */
export function listZip(bytes: Uint8Array, where: string): ZipEntry[] {
  const view = viewOf(bytes);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END_OF_DIRECTORY) end--;
  if (end < 0) {
    const contents = describeContents(bytes);
    const remedy = contents.includes('zip')
      ? 'The file is cut off; copy or write it again'
      : 'Write it with numpy.savez';
    throw new InvalidArgumentError(
      'bytes',
      `${where} must be a whole npz (zip) file; got ${contents}. ${remedy}.`,
    );
  }
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let n = view.getUint16(end + 10, true); n > 0; n--) {
    if (at + 46 > end || view.getUint32(at, true) !== DIRECTORY_ENTRY) throw damaged(where, 'its directory');
    const nameLength = view.getUint16(at + 28, true);
    const entry = {
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)),
      method: view.getUint16(at + 10, true),
      crc32: view.getUint32(at + 16, true),
      compressedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      localHeader: view.getUint32(at + 42, true),
    };
    if (entry.size === IN_ZIP64 || entry.compressedSize === IN_ZIP64 || entry.localHeader === IN_ZIP64) {
      throw new UnsupportedError(
        `${where} must have members below 4 GiB; got a larger one, ${entry.name}. Save it as npy.`,
      );
    }
    entries.push(entry);
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** The bytes of one member, stored or deflated, checked against the size and checksum of the directory. */
export function readZipEntry(bytes: Uint8Array, entry: ZipEntry, where: string): Uint8Array {
  const view = viewOf(bytes);
  const at = entry.localHeader;
  if (at + 30 > bytes.length || view.getUint32(at, true) !== LOCAL_HEADER) throw damaged(where, entry.name);
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  const packed = bytes.subarray(start, start + entry.compressedSize);
  if (entry.method !== 0 && entry.method !== 8) {
    throw new UnsupportedError(
      `${where} must be stored or deflated; ${entry.name} has zip method ${entry.method}. Write it with numpy.savez_compressed.`,
    );
  }
  const content = entry.method === 0 ? packed : inflate(packed, entry, where);
  if (content.length !== entry.size || crc32(content) !== entry.crc32) throw damaged(where, entry.name);
  return content;
}

function inflate(packed: Uint8Array, entry: ZipEntry, where: string): Uint8Array {
  try {
    return inflateSync(packed, { out: new Uint8Array(entry.size) });
  } catch {
    throw damaged(where, entry.name);
  }
}

function damaged(where: string, part: string): InvalidArgumentError {
  return new InvalidArgumentError(
    'bytes',
    `${where} must be an undamaged npz (zip) file; got a wrong size or checksum in ${part}. Copy or write the file again.`,
  );
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
