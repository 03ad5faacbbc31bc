import type { TraceBuffer, TraceCall } from './trace-buffer.ts';

/** How one operand is walked: first element and strides in floats, one for each axis. */
export interface Walk {
  readonly buffer: TraceBuffer;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** A call that computes each element of one contiguous output from one element of each input. */
export interface ElementwiseCall {
  readonly call: TraceCall;
  readonly kind: 'unary' | 'binary' | 'leakyReluGradient' | 'copy';
  /** Of the operation, in csrc/elementwise.c. */
  readonly number: number;
  readonly p: number;
  readonly q: number;
  /** Outermost first; their product is the length of the output. */
  readonly sizes: readonly number[];
  readonly inputs: readonly Walk[];
  readonly out: TraceBuffer;
}

/** The call as an element-wise one, if it is. */
export function elementwiseCall(call: TraceCall): ElementwiseCall | undefined {
  const found = readers[call.signature.name]?.(call);
  // A buffer that is written in parts, or in place, is no single result.
  return found && found.out.writers.length === 1 && found.out.isFloat ? found : undefined;
}

const flat = (buffer: TraceBuffer): Walk => ({ buffer, offset: 0, strides: [1] });

const readers: Record<string, (call: TraceCall) => ElementwiseCall | undefined> = {
  lf_unary(call) {
    const [number, x, out, n, p, q] = call.args as [number, TraceBuffer, TraceBuffer, number, number, number];
    return { call, kind: 'unary', number, p, q, sizes: [n], inputs: [flat(x)], out };
  },
  lf_leaky_relu_gradient(call) {
    const [dy, y, out, n, p] = call.args as [TraceBuffer, TraceBuffer, TraceBuffer, number, number];
    const inputs = [flat(dy), flat(y)];
    return { call, kind: 'leakyReluGradient', number: 0, p, q: 0, sizes: [n], inputs, out };
  },
  lf_binary(call) {
    const [number, a, b, out, axes, rank] = call.args as [
      number,
      TraceBuffer,
      TraceBuffer,
      TraceBuffer,
      TraceBuffer,
      number,
    ];
    const [sizes, stridesA, stridesB] = columnsOf(axes, rank);
    const inputs = [
      { buffer: a, offset: 0, strides: stridesA },
      { buffer: b, offset: 0, strides: stridesB },
    ];
    return { call, kind: 'binary', number, p: 0, q: 0, sizes, inputs, out };
  },
  lf_copy_strided(call) {
    const [from, out, axes, rank, offset, toOffset] = call.args as [
      TraceBuffer,
      TraceBuffer,
      TraceBuffer,
      number,
      number,
      number,
    ];
    const [sizes, fromStrides, toStrides] = columnsOf(axes, rank);
    const last = fromStrides.at(-1)!;
    const isWhole = toOffset === 0 && isContiguous(sizes, toStrides) && 4 * productOf(sizes) === out.bytes;
    if (!isWhole || (last !== 0 && last !== 1) || !from.isFloat) return undefined;
    const inputs = [{ buffer: from, offset, strides: fromStrides }];
    return { call, kind: 'copy', number: 0, p: 0, q: 0, sizes, inputs, out };
  },
};

/** Sizes and both strides from the triples that a kernel takes. */
function columnsOf(axes: TraceBuffer, rank: number): [number[], number[], number[]] {
  const triples = axes.contents!;
  const column = (k: number) => Array.from({ length: rank }, (_, d) => triples[3 * d + k]!);
  return [column(0), column(1), column(2)];
}

export function productOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

function isContiguous(sizes: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    if (sizes[d] !== 1 && strides[d] !== expected) return false;
    expected *= sizes[d]!;
  }
  return true;
}
