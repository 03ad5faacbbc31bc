export { asFloat32, asFloat64 } from './conversion.ts';
export { InvalidArgumentError, UnsupportedError } from './errors.ts';
export { readNpy, readNpz, readNpzStrings, readSafetensors, writeFileAtomically } from './files.ts';
export { encodeNetcdf, type NetcdfGroup, type NetcdfVariable } from './netcdf.ts';
export { type DecodeOptions, decodeNpy, encodeNpy } from './npy.ts';
export { decodeNpyStrings, encodeNpyStrings } from './npy-strings.ts';
export {
  type DecodeNpzOptions,
  decodeNpz,
  decodeNpzStrings,
  type EncodeNpzOptions,
  encodeNpz,
} from './npz.ts';
export { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';
export type { ArrayOfDtype, Dtype, EncodableArray, TypedNdArray } from './typed-nd-array.ts';
