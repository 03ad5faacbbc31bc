import { InvalidArgumentError } from '@lensfield/kernels';
import { crc32 } from './_crc32.ts';
import { fromBytes, toBytes } from './_plain-data-bytes.ts';
import type { ChainState } from './chain.ts';

/** `LFCK`, little-endian. */
const MAGIC = 0x4b43464c;
const VERSION = 1;
/** Magic, version, CRC-32 of all that follows, bytes of the JSON text, bytes of the arrays (two words). */
const HEADER_BYTES = 24;

/**
 * A chain as bytes, whole: it can be continued from them to the same bits, also from the middle of warm-up.
 *
 * Layout (little-endian): six 32-bit words (magic `LFCK`, version, CRC-32 of what follows the header, length of the text, low and high
 * word of the length of the arrays), JSON text, array contents.
 */
export function encodeCheckpoint(state: ChainState): Uint8Array {
  const { json, arrays } = toBytes(state);
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(HEADER_BYTES + text.length + arrays.length);
  bytes.set(text, HEADER_BYTES);
  bytes.set(arrays, HEADER_BYTES + text.length);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint32(4, VERSION, true);
  header.setUint32(8, crc32(bytes.subarray(HEADER_BYTES)), true);
  header.setUint32(12, text.length, true);
  header.setUint32(16, arrays.length % 2 ** 32, true);
  header.setUint32(20, Math.floor(arrays.length / 2 ** 32), true);
  return bytes;
}

/**
 * The chain that {@link encodeCheckpoint} wrote.
 *
 * @throws {InvalidArgumentError} if the bytes are not a checkpoint, cut short, damaged or of another version.
 */
export function decodeCheckpoint(bytes: Uint8Array): ChainState {
  const arraysStart = checkCheckpoint(bytes);
  const json = new TextDecoder().decode(bytes.subarray(HEADER_BYTES, arraysStart));
  return fromBytes({ json, arrays: bytes.subarray(arraysStart) }) as ChainState;
}

/** Where the arrays start. Throws as {@link decodeCheckpoint}. */
export function checkCheckpoint(bytes: Uint8Array): number {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || header.getUint32(0, true) !== MAGIC) {
    throw refused('be a checkpoint of a chain', `${bytes.length} bytes that do not begin with LFCK`);
  }
  const version = header.getUint32(4, true);
  if (version !== VERSION) throw refused(`have version ${VERSION}`, `version ${version}`);
  const textLength = header.getUint32(12, true);
  const arraysLength = header.getUint32(16, true) + header.getUint32(20, true) * 2 ** 32;
  const expected = HEADER_BYTES + textLength + arraysLength;
  if (bytes.length !== expected) throw refused(`be whole, ${expected} bytes`, `${bytes.length} bytes`);
  const sum = crc32(bytes.subarray(HEADER_BYTES));
  if (sum !== header.getUint32(8, true)) throw refused('be undamaged', 'another checksum than was written');
  return HEADER_BYTES + textLength;
}

function refused(rule: string, got: string): InvalidArgumentError {
  return new InvalidArgumentError(
    'checkpoint',
    `hmc.decodeCheckpoint: checkpoint must ${rule}; got ${got}. Use another checkpoint, or start the chain anew.`,
  );
}
