import { lookup3 } from './_lookup3.ts';

/*
 * The parts of an HDF5 file that a netCDF-4 file of plain arrays is made of. Source: HDF5 File Format Specification 3.0; section numbers
 * beside each part.
 */

/** Little-endian bytes: a number of `width` bytes, or bytes as they are. */
export type Field = readonly [value: number, width: number] | Uint8Array;

export function bytesOf(...fields: readonly Field[]): Uint8Array {
  const size = fields.reduce((sum, field) => sum + (isBytes(field) ? field.length : field[1]), 0);
  const out = new Uint8Array(size);
  let at = 0;
  for (const field of fields) {
    if (isBytes(field)) out.set(field, at);
    else for (let i = 0; i < field[1]; i++) out[at + i] = Math.floor(field[0] / 256 ** i) % 256;
    at += isBytes(field) ? field.length : field[1];
  }
  return out;
}

const isBytes = (field: Field): field is Uint8Array => field instanceof Uint8Array;

/** An address that is nowhere. */
export const UNDEFINED_ADDRESS = new Uint8Array(8).fill(255);

export const terminated = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);

export interface Message {
  readonly type: number;
  readonly data: Uint8Array;
}

/** Version 2 object header, one chunk (IV.A.1.b). */
export function objectHeader(messages: readonly Message[]): Uint8Array {
  const body = messages.map(({ type, data }) => bytesOf([type, 1], [data.length, 2], [0, 1], data));
  const size = body.reduce((sum, message) => sum + message.length, 0);
  return withChecksum(bytesOf(new TextEncoder().encode('OHDR'), [2, 1], [2, 1], [size, 4], ...body));
}

export const withChecksum = (bytes: Uint8Array): Uint8Array => bytesOf(bytes, [lookup3(bytes), 4]);

/** Datatype (IV.A.2.d): class and version 1, three bytes of bits, size, properties. */
function datatype(
  kind: number,
  bits: readonly number[],
  size: number,
  ...properties: readonly Field[]
): Uint8Array {
  return bytesOf([16 + kind, 1], ...bits.map((bit) => [bit, 1] as const), [size, 4], ...properties);
}

export const integer = (size: number): Uint8Array => datatype(0, [8, 0, 0], size, [0, 2], [8 * size, 2]);
export const float32 = datatype(
  1,
  [32, 31, 0],
  4,
  [0, 2],
  [32, 2],
  [23, 1],
  [8, 1],
  [0, 1],
  [23, 1],
  [127, 4],
);
export const float64 = datatype(
  1,
  [32, 63, 0],
  8,
  [0, 2],
  [64, 2],
  [52, 1],
  [11, 1],
  [0, 1],
  [52, 1],
  [1023, 4],
);
/** Ends with a zero, UTF-8. */
const text = (size: number): Uint8Array => datatype(3, [16, 0, 0], size);
const objectReference = datatype(7, [0, 0, 0], 8);
const listOfReferences = datatype(9, [0, 0, 0], 16, objectReference);

/** Dataspace, version 2 (IV.A.2.b); no dimensions for a scalar. */
export function dataspace(shape: readonly number[]): Uint8Array {
  return bytesOf(
    [2, 1],
    [shape.length, 1],
    [0, 1],
    [shape.length > 0 ? 1 : 0, 1],
    ...shape.map((n) => [n, 8] as const),
  );
}

/** Attribute, version 3 (IV.A.2.m). */
function attribute(name: string, type: Uint8Array, space: Uint8Array, data: Uint8Array): Message {
  const title = terminated(name);
  const sizes = [title, type, space].map((part) => [part.length, 2] as const);
  return { type: 12, data: bytesOf([3, 1], [0, 1], ...sizes, [1, 1], title, type, space, data) };
}

export function textAttribute(name: string, value: string): Message {
  const data = terminated(value);
  return attribute(name, text(data.length), dataspace([]), data);
}

export function numberAttribute(name: string, value: number): Message {
  return attribute(name, integer(4), dataspace([]), bytesOf([value, 4]));
}

/** Names the dimension scale of each axis: one-element lists, kept in a global heap at `heap`, whose objects count from 1. */
export function dimensionList(heap: number, objects: readonly number[]): Message {
  const elements = objects.flatMap(
    (object) =>
      [
        [1, 4],
        [heap, 8],
        [object, 4],
      ] as Field[],
  );
  return attribute('DIMENSION_LIST', listOfReferences, dataspace([objects.length]), bytesOf(...elements));
}

/** Messages of a dataset whose values lie at `address` in one piece: dataspace, datatype, fill value, layout (IV.A.2.b, d, f, i). */
export function datasetMessages(
  shape: readonly number[],
  type: Uint8Array,
  address: number,
  size: number,
): Message[] {
  return [
    { type: 1, data: dataspace(shape) },
    { type: 3, data: type },
    { type: 5, data: bytesOf([3, 1], [9, 1]) },
    { type: 8, data: bytesOf([3, 1], [1, 1], [address, 8], [size, 8]) },
  ];
}

/** Messages of a group that holds its links itself: link info, group info, a link each (IV.A.2.c, g, k). */
export function groupMessages(links: readonly (readonly [name: string, address: number])[]): Message[] {
  return [
    { type: 2, data: bytesOf([0, 2], UNDEFINED_ADDRESS, UNDEFINED_ADDRESS) },
    { type: 10, data: bytesOf([0, 2]) },
    ...links.map(([name, address]) => {
      const title = new TextEncoder().encode(name);
      return { type: 6, data: bytesOf([1, 1], [16, 1], [1, 1], [title.length, 1], title, [address, 8]) };
    }),
  ];
}

/** A global heap of object addresses (III.E); at least 4096 bytes, the rest free. */
export function globalHeap(addresses: readonly number[]): Uint8Array {
  const objects = addresses.map((address, i) => bytesOf([i + 1, 2], [1, 2], [0, 4], [8, 8], [address, 8]));
  const used = 16 + 24 * objects.length;
  const size = Math.max(4096, 16 * Math.ceil((used + 16) / 16));
  const free = bytesOf([0, 8], [size - used, 8], new Uint8Array(size - used - 16));
  return bytesOf(new TextEncoder().encode('GCOL'), [1, 4], [size, 8], ...objects, free);
}
