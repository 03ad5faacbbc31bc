export { asFloat32, asFloat64 } from './conversion.ts';
export { InvalidArgumentError, UnsupportedError } from './errors.ts';
export { readNpy, readNpz, readSafetensors, writeFileAtomically } from './files.ts';
export { type DecodeOptions, decodeNpy, encodeNpy } from './npy.ts';
export { type DecodeNpzOptions, decodeNpz, type EncodeNpzOptions, encodeNpz } from './npz.ts';
export { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';
export type { ArrayOfDtype, Dtype, EncodableArray, TypedNdArray } from './typed-nd-array.ts';
