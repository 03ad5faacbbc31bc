import { InvalidArgumentError } from '@lensfield/kernels';

const CONSTRUCTORS = { Float32Array, Float64Array, Int32Array, Uint8Array, Uint32Array, Int16Array } as const;
type ArrayName = keyof typeof CONSTRUCTORS;

interface EncodedArray {
  readonly $array: ArrayName;
  readonly base64: string;
}

interface EncodedNumber {
  readonly $number: string;
}

/**
 * JSON of plain data that holds typed arrays (little-endian, base64) and numbers that JSON lacks (NaN, infinities): what a run keeps to
 * be continued or shown again. Exact to the last bit.
 */
export function encodeTypedJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (ArrayBuffer.isView(item)) return encodeArray(item as InstanceType<(typeof CONSTRUCTORS)[ArrayName]>);
    if (typeof item === 'number' && !Number.isFinite(item))
      return { $number: String(item) } satisfies EncodedNumber;
    return item;
  });
}

/** @throws {InvalidArgumentError} if the text is not what `encodeTypedJson` writes, such as a truncated file. */
export function decodeTypedJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text, (_, item: unknown) => decodeItem(item));
  } catch (cause) {
    throw new InvalidArgumentError(
      'file',
      `lensfield: ${where} must be a whole file that lensfield wrote; got ${(cause as Error).message}.`,
      { cause },
    );
  }
}

function encodeArray(array: InstanceType<(typeof CONSTRUCTORS)[ArrayName]>): EncodedArray {
  const name = array.constructor.name as ArrayName;
  if (!(name in CONSTRUCTORS)) throw new TypeError(`encodeTypedJson: no code for ${name}`);
  const bytes = Buffer.from(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
  return { $array: name, base64: bytes.toString('base64') };
}

function decodeItem(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  if ('$number' in item) return Number((item as EncodedNumber).$number);
  if (!('$array' in item)) return item;
  const { $array, base64 } = item as EncodedArray;
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return new CONSTRUCTORS[$array](bytes.buffer);
}
