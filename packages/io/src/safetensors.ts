import { describeContents } from './_contents.ts';
import { InvalidArgumentError, UnsupportedError } from './errors.ts';
import type { DecodeOptions } from './npy.ts';
import {
  arrayFromBytes,
  bytesOfArray,
  bytesPerValue,
  type Dtype,
  dtypeOf,
  type EncodableArray,
  numValues,
  type TypedNdArray,
} from './typed-nd-array.ts';

/** In the order of the reference implementation, which writes the later dtypes first. */
const CODE_OF_DTYPE: Readonly<Record<Dtype, string>> = {
  bool: 'BOOL',
  uint8: 'U8',
  int8: 'I8',
  int16: 'I16',
  uint16: 'U16',
  int32: 'I32',
  uint32: 'U32',
  float32: 'F32',
  float64: 'F64',
  int64: 'I64',
  uint64: 'U64',
};
const DTYPES = Object.keys(CODE_OF_DTYPE) as Dtype[];

export interface Safetensors {
  readonly tensors: Readonly<Record<string, TypedNdArray>>;
  /** Free text that travels with the tensors (`__metadata__`). */
  readonly metadata: Readonly<Record<string, string>>;
}

interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [start: number, end: number];
}

/**
 * Decodes a .safetensors file: named arrays and metadata, no code.
 *
 * @throws {InvalidArgumentError} if the header is no JSON, or the tensors do not fill the data exactly, without gap or overlap.
 * @throws {UnsupportedError} for dtypes without a typed array (F16, BF16, F8).
 *
 * Accuracy: exact (test/safetensors.test.ts, files written by the Python package).
 * Source: huggingface/safetensors, README "Format".
 */
export function decodeSafetensors(bytes: Uint8Array, options: DecodeOptions = {}): Safetensors {
  const where = `io.decodeSafetensors: ${options.source ?? 'bytes'}`;
  const { header, dataStart } = readHeader(bytes, where);
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = Object.entries(entries as Record<string, TensorEntry>);
  checkCoverage(tensors, bytes.length - dataStart, where);
  const decoded = tensors.map(
    ([
      name,
      {
        dtype: code,
        shape,
        data_offsets: [start, end],
      },
    ]) => {
      const dtype = DTYPES.find((candidate) => CODE_OF_DTYPE[candidate] === code);
      if (!dtype) {
        const known = Object.values(CODE_OF_DTYPE).join(', ');
        throw new UnsupportedError(
          `${where} must have dtypes of ${known}; got ${code} in ${name}. Convert to F32.`,
        );
      }
      if (numValues(shape) * bytesPerValue(dtype) !== end - start) {
        throw new InvalidArgumentError(
          'bytes',
          `${where} must give ${name} the bytes of ${code} [${shape.join(', ')}]; got ${end - start}. Write the file again.`,
        );
      }
      return [name, arrayFromBytes(dtype, shape, bytes.subarray(dataStart + start, dataStart + end))];
    },
  );
  return { tensors: Object.fromEntries(decoded), metadata: metadata as Record<string, string> };
}

/**
 * Encodes named arrays as .safetensors. Wider dtypes come first, then names in order, and the data start on a multiple of
 * 8 bytes, so that every tensor is aligned: the bytes that the Python package writes.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, EncodableArray>>,
  options: { readonly metadata?: Readonly<Record<string, string>> } = {},
): Uint8Array {
  const entries = Object.entries(tensors).map(([name, array]) => {
    if (name === '__metadata__') {
      throw new InvalidArgumentError(
        'tensors',
        'io.encodeSafetensors: a tensor must not be named __metadata__; got one.',
      );
    }
    return { name, array, dtype: dtypeOf(array, 'io.encodeSafetensors') };
  });
  entries.sort((a, b) => DTYPES.indexOf(b.dtype) - DTYPES.indexOf(a.dtype) || (a.name < b.name ? -1 : 1));
  let length = 0;
  const described = entries.map(({ name, array, dtype }) => {
    const start = length;
    length += array.data.byteLength;
    return [name, { dtype: CODE_OF_DTYPE[dtype], shape: array.shape, data_offsets: [start, length] }];
  });
  const metadata = options.metadata ? { __metadata__: options.metadata } : {};
  const json = new TextEncoder().encode(JSON.stringify({ ...metadata, ...Object.fromEntries(described) }));
  const dataStart = Math.ceil((8 + json.length) / 8) * 8;
  const bytes = new Uint8Array(dataStart + length).fill(0x20, 8, dataStart);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.set(json, 8);
  let at = dataStart;
  for (const { array } of entries) {
    bytes.set(bytesOfArray(array), at);
    at += array.data.byteLength;
  }
  return bytes;
}

function readHeader(
  bytes: Uint8Array,
  where: string,
): { header: Record<string, unknown>; dataStart: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = bytes.length < 8 ? Number.NaN : Number(view.getBigUint64(0, true));
  const dataStart = 8 + headerLength;
  if (bytes[8] !== 0x7b || !(dataStart <= bytes.length)) {
    throw new InvalidArgumentError(
      'bytes',
      `${where} must be a whole safetensors file, a header length and a JSON header; got ${describeContents(bytes)}, ${bytes.length} bytes long. Copy or write it again.`,
    );
  }
  try {
    return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, dataStart))), dataStart };
  } catch (cause) {
    throw new InvalidArgumentError(
      'bytes',
      `${where} must have a JSON header; got ${(cause as Error).message}. Copy or write the file again.`,
    );
  }
}

function checkCoverage(tensors: [string, TensorEntry][], available: number, where: string): void {
  let covered = 0;
  const wellFormed = tensors.every(
    ([, entry]) => Array.isArray(entry?.data_offsets) && Array.isArray(entry.shape),
  );
  const byStart = wellFormed
    ? [...tensors].sort(
        ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
      )
    : [];
  for (const [
    ,
    {
      data_offsets: [start, end],
    },
  ] of byStart) {
    if (start !== covered || !(end >= start)) break;
    covered = end;
  }
  if (!wellFormed || covered !== available) {
    throw new InvalidArgumentError(
      'bytes',
      `${where} must have tensors that fill its ${available} bytes of data without gap or overlap; got ${covered} filled. The file is cut off or damaged; copy or write it again.`,
    );
  }
}
