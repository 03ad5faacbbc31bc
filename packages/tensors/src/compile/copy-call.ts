import { type KernelSignature, kernelSignature } from '@lensfield/kernels';
import { newBuffer, type TraceBuffer, type TraceCall } from './trace-buffer.ts';

const COPY: KernelSignature = kernelSignature('lf_copy_strided');

/** A call that copies a whole float32 buffer to a new one; nothing for an empty buffer. */
export function copyCall(
  from: TraceBuffer,
): { readonly call: TraceCall; readonly to: TraceBuffer } | undefined {
  const length = from.bytes / 4;
  if (length === 0) return undefined;
  const to = newBuffer(new Float32Array(length), 'output');
  const triple = Int32Array.of(length, 1, 1);
  const axes: TraceBuffer = { ...newBuffer(triple, 'output'), isKnown: true, contents: triple };
  const call: TraceCall = { signature: COPY, args: [from, to, axes, 1, 0, 0], op: 'output', isFolded: false };
  to.writers.push(call);
  return { call, to };
}
