import {
  bytesOf,
  datasetMessages,
  dimensionList,
  float32,
  float64,
  globalHeap,
  groupMessages,
  integer,
  type Message,
  numberAttribute,
  objectHeader,
  textAttribute,
  UNDEFINED_ADDRESS,
  withChecksum,
} from './_hdf5-messages.ts';
import { InvalidArgumentError } from './errors.ts';

export interface NetcdfVariable {
  /** Names of dimensions of its group; their lengths are the shape. */
  readonly dimensions: readonly string[];
  /** Row-major. Booleans as an `Int8Array` with the attribute `dtype: 'bool'`, as xarray writes them. */
  readonly data: Float64Array | Float32Array | Int32Array | Int8Array;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface NetcdfGroup {
  /** Coordinate of each dimension, one value per position. */
  readonly dimensions: Readonly<Record<string, Int32Array | Float64Array>>;
  readonly variables: Readonly<Record<string, NetcdfVariable>>;
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * Encodes groups of arrays with named dimensions as a netCDF-4 file (HDF5): what xarray and ArviZ open.
 *
 * @throws {InvalidArgumentError} if a variable names a dimension that its group lacks, or its length is not theirs.
 *
 * Accuracy: exact, read back by h5py, netCDF4, xarray and ArviZ (test/netcdf.test.ts holds a file so read).
 * Source: HDF5 File Format Specification 3.0; NetCDF-4 format, "Dimension scales".  Differs from it in: no creation order, so that the netCDF
 * library opens the file for reading only; values are neither chunked nor compressed.
 */
export function encodeNetcdf(groups: Readonly<Record<string, NetcdfGroup>>): Uint8Array {
  const file = emptyFile();
  let numDimensions = 0;
  const links = Object.entries(groups).map(([name, group]) => {
    checkGroup(name, group);
    const address = addGroup(file, group, numDimensions);
    numDimensions += Object.keys(group.dimensions).length;
    return [name, address] as const;
  });
  const root = file.add(objectHeader(groupMessages(links)));
  return file.finish(root);
}

interface File {
  /** Puts bytes at the end, on a multiple of 8; gives their address. */
  add(bytes: Uint8Array): number;
  finish(root: number): Uint8Array;
}

const SUPERBLOCK_BYTES = 48;

function emptyFile(): File {
  const parts: Uint8Array[] = [];
  let end = SUPERBLOCK_BYTES;
  return {
    add(bytes) {
      const address = end;
      const padding = (8 - (bytes.length % 8)) % 8;
      parts.push(bytes, new Uint8Array(padding));
      end += bytes.length + padding;
      return address;
    },
    /* Superblock, version 2 (II.A). */
    finish(root) {
      const signature = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);
      const superblock = bytesOf(
        signature,
        [2, 1],
        [8, 1],
        [8, 1],
        [0, 1],
        [0, 8],
        UNDEFINED_ADDRESS,
        [end, 8],
        [root, 8],
      );
      return bytesOf(withChecksum(superblock), ...parts);
    },
  };
}

/** Everything before what refers to it: scales of the dimensions, their addresses in a heap, variables, the group. */
function addGroup(
  file: File,
  { dimensions, variables, attributes = {} }: NetcdfGroup,
  firstId: number,
): number {
  const scales = Object.entries(dimensions).map(([name, values], i) => {
    const scale = [textAttribute('CLASS', 'DIMENSION_SCALE'), textAttribute('NAME', name)];
    return [
      name,
      addArray(file, [values.length], values, [...scale, numberAttribute('_Netcdf4Dimid', firstId + i)]),
    ] as const;
  });
  const names = Object.keys(dimensions);
  const heap = file.add(globalHeap(scales.map(([, address]) => address)));
  const arrays = Object.entries(variables).map(([name, variable]) => {
    const axes = variable.dimensions.map((axis) => names.indexOf(axis) + 1);
    const shape = variable.dimensions.map((axis) => dimensions[axis].length);
    const messages = [dimensionList(heap, axes), ...textAttributes(variable.attributes ?? {})];
    return [name, addArray(file, shape, variable.data, messages)] as const;
  });
  return file.add(objectHeader([...groupMessages([...scales, ...arrays]), ...textAttributes(attributes)]));
}

function addArray(
  file: File,
  shape: readonly number[],
  data: NetcdfVariable['data'],
  attributes: readonly Message[],
): number {
  const address = file.add(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return file.add(
    objectHeader([...datasetMessages(shape, typeOf(data), address, data.byteLength), ...attributes]),
  );
}

function typeOf(data: NetcdfVariable['data']): Uint8Array {
  if (data instanceof Float64Array) return float64;
  if (data instanceof Float32Array) return float32;
  return integer(data.BYTES_PER_ELEMENT);
}

const textAttributes = (attributes: Readonly<Record<string, string>>): Message[] =>
  Object.entries(attributes).map(([name, value]) => textAttribute(name, value));

function checkGroup(group: string, { dimensions, variables }: NetcdfGroup): void {
  const known = Object.entries(dimensions).map(([name, values]) => `${name} [${values.length}]`);
  for (const [name, { dimensions: axes, data }] of Object.entries(variables)) {
    const size = axes.reduce((product, axis) => product * (dimensions[axis]?.length ?? Number.NaN), 1);
    if (size === data.length) continue;
    throw new InvalidArgumentError(
      'groups',
      `io.encodeNetcdf: ${group}.${name} must have as many values as its dimensions (${axes.join(', ')}) among ${known.join(', ')}; got ${data.length}.`,
    );
  }
}
