/** Plain data (objects, arrays, strings, numbers, booleans, null, typed arrays) as bytes: a JSON text and the arrays behind it. */

const TYPES = { Float64Array, Float32Array, Int32Array } as const;
type TypeName = keyof typeof TYPES;
type StoredArray = Float64Array | Float32Array | Int32Array;

/** Numbers that JSON cannot hold. */
const SPECIAL = new Map<string, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

export interface PlainDataBytes {
  readonly json: string;
  /** Little-endian contents of the arrays, one after the other. */
  readonly arrays: Uint8Array;
}

export function toBytes(data: unknown): PlainDataBytes {
  const arrays: StoredArray[] = [];
  let offset = 0;
  const replaced = replace(data, (array) => {
    const entry = { $array: array.constructor.name, offset, length: array.length };
    arrays.push(array);
    offset += array.byteLength;
    return entry;
  });
  const out = new Uint8Array(offset);
  let at = 0;
  for (const array of arrays) {
    out.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
  return { json: JSON.stringify(replaced), arrays: out };
}

function replace(value: unknown, store: (array: StoredArray) => object): unknown {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (Object.values(TYPES).some((type) => value instanceof type)) return store(value as StoredArray);
  if (Array.isArray(value)) return value.map((item) => replace(item, store));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replace(item, store)]));
}

export function fromBytes({ json, arrays }: PlainDataBytes): unknown {
  return restore(JSON.parse(json), arrays);
}

function restore(value: unknown, arrays: Uint8Array): unknown {
  if (Array.isArray(value)) return value.map((item) => restore(item, arrays));
  if (typeof value !== 'object' || value === null) return value;
  const entry = value as Record<string, unknown>;
  if (typeof entry.$number === 'string') return SPECIAL.get(entry.$number);
  if (typeof entry.$array === 'string') {
    const type = TYPES[entry.$array as TypeName];
    // A copy, so that it is aligned for any element size; not `arrays.slice`, which for a Buffer of Node is a view.
    const start = entry.offset as number;
    const copy = new Uint8Array((entry.length as number) * type.BYTES_PER_ELEMENT);
    copy.set(arrays.subarray(start, start + copy.length));
    return new type(copy.buffer);
  }
  return Object.fromEntries(Object.entries(entry).map(([name, item]) => [name, restore(item, arrays)]));
}
