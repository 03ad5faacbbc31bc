import type { Kernels } from '@lensfield/kernels';
import {
  backend_util,
  buffer,
  type DataType,
  engine,
  KernelBackend,
  kernel_impls,
  type Tensor,
  type TensorBuffer,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { type BufferPool, createBufferPool } from './buffer-pool.ts';
import type { CallTrace } from './call-trace.ts';

/** Numbers of a tensor; strings are held as UTF-8 bytes, outside the pool. */
export type TensorValues = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/** The data of one or more tensors. It serves as its own `dataId`, so that finding the data of a tensor costs nothing. */
export class TensorData {
  values: TensorValues;
  readonly dtype: DataType;
  refCount = 1;
  /** Set by TensorFlow.js's kernels for complex numbers. */
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };

  constructor(values: TensorValues, dtype: DataType) {
    this.values = values;
    this.dtype = dtype;
  }
}

/**
 * TensorFlow.js's backend on `Kernels`: data in pooled arrays of the engine's memory, counted by reference. Its surface is that of
 * TensorFlow.js's CPU backend, so that the CPU kernels run on it where there is no kernel of ours.
 */
export class KernelsBackend extends KernelBackend {
  readonly kernels: Kernels;
  readonly pool: BufferPool;
  /** How often each kernel of TensorFlow.js's CPU backend stood in. */
  readonly fallbacks = new Map<string, number>();
  /** Hears of everything while a step is traced. */
  trace: CallTrace | undefined;
  /** Rows and columns that the CPU kernel of a matrix product takes at once. */
  readonly blockSize = 48;
  /** As the CPU kernels reach their data. */
  readonly data = {
    get: (dataId: object) => this.dataOf(dataId),
    has: (dataId: object) => dataId instanceof TensorData || this.#foreign.has(dataId),
  };
  /** Data of tensors that another backend made, under that backend's ids. */
  readonly #foreign = new WeakMap<object, TensorData>();
  #count = 0;

  constructor(kernels: Kernels) {
    super();
    this.kernels = kernels;
    this.pool = createBufferPool(kernels);
  }

  dataOf(dataId: object): TensorData {
    if (dataId instanceof TensorData) return dataId;
    const known = this.#foreign.get(dataId);
    if (known) return known;
    engine().moveData(this, dataId);
    return this.#foreign.get(dataId)!;
  }

  /** A tensor's numbers, in place. */
  floats(tensor: TensorInfo): Float32Array {
    return this.dataOf(tensor.dataId).values as Float32Array;
  }

  /** A new float32 tensor with undefined contents. */
  output(shape: number[]): { info: TensorInfo; values: Float32Array } {
    const values = this.#float32(util.sizeFromShape(shape));
    return { info: this.#own(values, shape, 'float32'), values };
  }

  /** A new boolean tensor with undefined contents. */
  maskOutput(shape: number[]): { info: TensorInfo; values: Uint8Array } {
    const length = util.sizeFromShape(shape);
    const values = length === 0 ? new Uint8Array(0) : this.pool.uint8(length);
    return { info: this.#own(values, shape, 'bool'), values };
  }

  /** A new int32 tensor with undefined contents. */
  integerOutput(shape: number[]): { info: TensorInfo; values: Int32Array } {
    const length = util.sizeFromShape(shape);
    const values = length === 0 ? new Int32Array(0) : this.pool.int32(length);
    return { info: this.#own(values, shape, 'int32'), values };
  }

  /** The same numbers under another shape. */
  view(tensor: TensorInfo, shape: number[]): TensorInfo {
    this.dataOf(tensor.dataId).refCount++;
    return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
  }

  #float32(length: number): Float32Array {
    return length === 0 ? new Float32Array(0) : this.pool.float32(length);
  }

  #own(values: TensorValues, shape: number[], dtype: DataType): TensorInfo {
    this.#count++;
    if (this.trace && !Array.isArray(values)) this.trace.created(values);
    return { dataId: new TensorData(values, dtype), shape, dtype };
  }

  /** A copy in the pool, in the array type of `dtype`. */
  #copy(
    values: TensorValues | readonly (number | boolean)[] | undefined,
    shape: number[],
    dtype: DataType,
  ): TensorValues {
    if (dtype === 'string' || dtype === 'complex64') return (values ?? []) as TensorValues;
    const length = values?.length ?? util.sizeFromShape(shape);
    if (length === 0)
      return dtype === 'float32'
        ? new Float32Array(0)
        : dtype === 'int32'
          ? new Int32Array(0)
          : new Uint8Array(0);
    const copy =
      dtype === 'float32'
        ? this.pool.float32(length)
        : dtype === 'int32'
          ? this.pool.int32(length)
          : this.pool.uint8(length);
    if (values === undefined) copy.fill(0);
    else copy.set(values as ArrayLike<number>);
    return copy;
  }

  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): object {
    return this.#written(this.#copy(values as TensorValues, shape, dtype), shape, dtype).dataId;
  }

  /** A tensor over an array that JavaScript has filled. */
  #written(values: TensorValues, shape: number[], dtype: DataType): TensorInfo {
    const info = this.#own(values, shape, dtype);
    if (this.trace && !Array.isArray(values)) this.trace.written(values);
    return info;
  }

  makeTensorInfo(shape: number[], dtype: DataType, values?: TensorValues | string[]): TensorInfo {
    const isText = dtype === 'string' && values !== undefined && typeof values[0] === 'string';
    const encoded = isText ? (values as string[]).map((text) => util.encodeString(text)) : values;
    return this.#written(this.#copy(encoded as TensorValues | undefined, shape, dtype), shape, dtype);
  }

  makeOutput(values: TensorValues, shape: number[], dtype: DataType): Tensor {
    return engine().makeTensorFromTensorInfo(this.makeTensorInfo(shape, dtype, values), this);
  }

  override move(
    dataId: object,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const data = new TensorData(this.#copy(values as TensorValues, shape, dtype), dtype);
    data.refCount = refCount;
    this.#count++;
    this.#foreign.set(dataId, data);
  }

  override refCount(dataId: object): number {
    return this.data.has(dataId) ? this.dataOf(dataId).refCount : 0;
  }

  override incRef(dataId: object): void {
    this.dataOf(dataId).refCount++;
  }

  decRef(dataId: object): void {
    this.dataOf(dataId).refCount--;
  }

  override numDataIds(): number {
    return this.#count;
  }

  override async read(dataId: object): Promise<backend_util.BackendValues> {
    return this.readSync(dataId);
  }

  /** A copy: the array behind a tensor is used again once the tensor is disposed. */
  override readSync(dataId: object): backend_util.BackendValues {
    const { values, dtype, complexTensorInfos } = this.dataOf(dataId);
    if (dtype === 'complex64' && complexTensorInfos) {
      const [real, imag] = [complexTensorInfos.real, complexTensorInfos.imag].map((part) =>
        this.readSync(part.dataId),
      );
      return backend_util.mergeRealAndImagArrays(real as Float32Array, imag as Float32Array);
    }
    if (this.trace && !Array.isArray(values)) this.trace.requireKnown(values);
    return values.slice() as backend_util.BackendValues;
  }

  bufferSync(tensor: TensorInfo): TensorBuffer<never> {
    const values = this.readSync(tensor.dataId);
    const decoded =
      tensor.dtype === 'string' ? (values as Uint8Array[]).map((text) => util.decodeString(text)) : values;
    return buffer(tensor.shape as never, tensor.dtype as never, decoded as never);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const data = this.dataOf(dataId);
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (data.complexTensorInfos) {
      this.disposeData(data.complexTensorInfos.real.dataId, true);
      this.disposeData(data.complexTensorInfos.imag.dataId, true);
    }
    if (!Array.isArray(data.values) && data.values.length > 0) {
      this.trace?.released(data.values);
      this.pool.release(data.values);
    }
    // A second disposal must not release the array, which by then may belong to another tensor.
    data.values = [];
    this.#foreign.delete(dataId);
    this.#count--;
    return true;
  }

  disposeIntermediateTensorInfo(tensor: TensorInfo): void {
    this.disposeData(tensor.dataId);
  }

  override async time(f: () => void): Promise<{ kernelMs: number }> {
    const start = util.now();
    f();
    return { kernelMs: util.now() - start };
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  where(condition: TensorInfo): Tensor {
    return kernel_impls.whereImpl(condition.shape, this.readSync(condition.dataId) as Uint8Array);
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override dispose(): void {}
}
