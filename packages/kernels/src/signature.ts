export type KernelArrayType = 'Float32Array' | 'Float64Array' | 'Int32Array' | 'Uint32Array' | 'Uint8Array';
export type KernelArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;
export type KernelScalarType = 'int' | 'uint32_t' | 'float' | 'double';

export interface KernelParameter {
  readonly name: string;
  readonly type: KernelArrayType | KernelScalarType;
  /** Set for arrays: true when the kernel only reads it. */
  readonly isInput?: boolean;
}

/** How a C kernel is called; generated from its prototype. */
export interface KernelSignature {
  readonly name: string;
  /** Names it in a recorded program. */
  readonly number: number;
  readonly result: 'void' | 'int' | 'double';
  readonly text: string;
  readonly parameters: readonly KernelParameter[];
}
