import type { NdArray } from '@lensfield/contracts';
import { InvalidArgumentError, type Kernels } from '@lensfield/kernels';
import type { ParameterTree } from '../parameters.ts';
import type { Pins } from './build-program.ts';
import { copyCall } from './copy-call.ts';
import type { TraceBuffer, TraceCall } from './trace-buffer.ts';
import type { TracedStep } from './trace-step.ts';

/** Names and shapes of arrays, as a key. */
export function shapesKey(inputs: ParameterTree): string {
  let key = '';
  for (const name in inputs) key += `${name}:${inputs[name]!.shape};`;
  return key;
}

/** Arrays that stand for the inputs of a program in every run. */
export function pinnedInputs(
  kernels: Kernels,
  buffers: Readonly<Record<string, TraceBuffer>>,
  pins: Pins,
): Record<string, Float32Array> {
  const arrays: Record<string, Float32Array> = {};
  for (const [name, buffer] of Object.entries(buffers)) {
    arrays[name] = kernels.float32(buffer.bytes / 4);
    pins.set(buffer, arrays[name]);
  }
  return arrays;
}

/** Copies numbers into the arrays of a program. */
export function fillInputs(arrays: Readonly<Record<string, Float32Array>>, values: ParameterTree): void {
  for (const name in arrays) {
    const [array, { data, shape }] = [arrays[name]!, values[name]!];
    if (data.length !== array.length) {
      throw new InvalidArgumentError(
        name,
        `tensors.compile: ${name} must hold ${array.length} values for shape [${shape}]; got ${data.length}.`,
      );
    }
    array.set(data);
  }
}

export interface PinnedOutputs {
  /** Arrays of the results that have no place given. */
  readonly tree: Record<string, NdArray<Float32Array>>;
  readonly buffers: Set<TraceBuffer>;
  /** Calls to be made after all others. */
  readonly copies: TraceCall[];
}

/**
 * Places for the results of a program. A result that is an input or a constant, or has another name already, is copied at the end.
 *
 * @param places  Where some results are wanted; the others get arrays of their own.
 */
export function pinnedOutputs(
  kernels: Kernels,
  outputs: TracedStep['outputs'],
  pins: Pins,
  places: Readonly<Record<string, Float32Array>> = {},
): PinnedOutputs {
  const tree: Record<string, NdArray<Float32Array>> = {};
  const buffers = new Set<TraceBuffer>();
  const copies: TraceCall[] = [];
  for (const [name, { buffer, shape }] of Object.entries(outputs)) {
    const place = places[name] ?? kernels.float32(buffer.bytes / 4);
    if (!places[name]) tree[name] = { shape, data: place };
    let target = buffer;
    if (buffer.isKnown || pins.has(buffer)) {
      const copy = copyCall(buffer);
      if (!copy) continue;
      copies.push(copy.call);
      target = copy.to;
    }
    pins.set(target, place);
    buffers.add(target);
  }
  return { tree, buffers, copies };
}

/** Gives back what {@link pinnedInputs} and {@link pinnedOutputs} have made. */
export function freePinned(
  kernels: Kernels,
  inputs: Readonly<Record<string, Float32Array>>,
  results: ParameterTree,
): void {
  for (const array of Object.values(inputs)) kernels.free(array);
  for (const { data } of Object.values(results)) kernels.free(data);
}
