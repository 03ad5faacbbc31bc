import { describeContents } from './_contents.ts';
import { formatNpyHeader, type NpyHeader, parseNpyHeader } from './_npy-header.ts';
import { InvalidArgumentError, UnsupportedError } from './errors.ts';
import {
  arrayFromBytes,
  bytesOfArray,
  bytesPerValue,
  dtypeOf,
  type EncodableArray,
  numValues,
  type TypedNdArray,
} from './typed-nd-array.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export interface DecodeOptions {
  /** What error messages call the bytes, such as the path they came from; default `bytes`. */
  readonly source?: string;
}

/**
 * Decodes a NumPy .npy file, versions 1 to 3, of any byte order; an array in Fortran order is turned into row-major order.
 *
 * @throws {InvalidArgumentError} if `bytes` is no npy file, is cut off, or holds more or less than its header says.
 * @throws {UnsupportedError} for Python objects (never unpickled), records, strings, half floats and complex numbers.
 *
 * Accuracy: exact (test/npy.test.ts, files written by NumPy).
 * Source: numpy.lib.format.  Differs from it in: bytes after the data are an error.
 */
export function decodeNpy(bytes: Uint8Array, options: DecodeOptions = {}): TypedNdArray {
  const where = `io.decodeNpy: ${options.source ?? 'bytes'}`;
  const { header, dataStart } = readHeader(bytes, where);
  const expected = numValues(header.shape) * bytesPerValue(header.dtype);
  const found = bytes.length - dataStart;
  if (found !== expected) {
    throw new InvalidArgumentError(
      'bytes',
      `${where} must hold the ${expected} bytes of data that its header names (${header.dtype} [${header.shape.join(', ')}]); got ${found}. ${found < expected ? 'The file is cut off; copy or write it again' : 'Write the file again with numpy.save'}.`,
    );
  }
  const stored = bytes.subarray(dataStart);
  const data = header.bigEndian ? swapBytes(stored, bytesPerValue(header.dtype)) : stored;
  const ordered = header.fortranOrder ? toRowMajor(data, header) : data;
  return arrayFromBytes(header.dtype, header.shape, ordered);
}

/** Encodes an array as .npy version 1, little-endian, row-major: the bytes that `numpy.save` writes. */
export function encodeNpy(array: EncodableArray): Uint8Array {
  const dtype = dtypeOf(array, 'io.encodeNpy');
  const header = formatNpyHeader(dtype, array.shape);
  // NumPy leaves room for a first axis of 21 digits, then pads so that the data start on a multiple of 64 bytes.
  const growth = array.shape.length > 0 ? 21 - String(array.shape[0]).length : 0;
  const used = MAGIC.length + 4 + header.length + growth + 1;
  const dataStart = Math.ceil(used / 64) * 64;
  const headerLength = dataStart - MAGIC.length - 4;
  const bytes = new Uint8Array(dataStart + array.data.byteLength);
  bytes.set([...MAGIC, 1, 0, headerLength & 255, headerLength >> 8]);
  bytes.set(new TextEncoder().encode(`${header.padEnd(headerLength - 1)}\n`), MAGIC.length + 4);
  bytes.set(bytesOfArray(array), dataStart);
  return bytes;
}

function readHeader(bytes: Uint8Array, where: string): { header: NpyHeader; dataStart: number } {
  if (!MAGIC.every((value, i) => bytes[i] === value)) {
    throw new InvalidArgumentError(
      'bytes',
      `${where} must be an npy file, which starts with \\x93NUMPY; got ${describeContents(bytes)}. Write it with numpy.save.`,
    );
  }
  const version = bytes[6];
  if (version !== undefined && (version < 1 || version > 3)) {
    throw new UnsupportedError(`${where} must be npy version 1, 2 or 3; got version ${version}.`);
  }
  const start = version === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength =
    bytes.length < start ? 0 : version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = start + headerLength;
  if (bytes.length < dataStart) {
    throw new InvalidArgumentError(
      'bytes',
      `${where} must hold its whole header, ${dataStart} bytes; got ${bytes.length}. The file is cut off; copy or write it again.`,
    );
  }
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, dataStart));
  return { header: parseNpyHeader(text, where), dataStart };
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const data = new Uint8Array(bytes);
  for (let i = 0; i < data.length; i += width) data.subarray(i, i + width).reverse();
  return data;
}

/** Column-major bytes to row-major bytes, by counting through the row-major indices. */
function toRowMajor(data: Uint8Array, { shape, dtype }: NpyHeader): Uint8Array {
  const width = bytesPerValue(dtype);
  const out = new Uint8Array(data.length);
  const strides = shape.map((_, axis) => numValues(shape.slice(0, axis)));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < out.length; to += width) {
    for (let byte = 0; byte < width; byte++) out[to + byte] = data[from * width + byte];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}
