import { type KernelArray, UnsupportedError } from '@lensfield/kernels';
import type { TraceBuffer, TraceCall } from './trace-buffer.ts';
import type { TracedStep } from './trace-step.ts';

/**
 * Compares two traces of one step.
 *
 * @throws {UnsupportedError} naming the first op that differs: in kind, in an argument, or in a constant.
 */
function requireSameTrace(first: TracedStep, second: TracedStep): void {
  const pairs = new Map<TraceBuffer, TraceBuffer>();
  const n = Math.max(first.calls.length, second.calls.length);
  for (let i = 0; i < n; i++) {
    const [a, b] = [first.calls[i], second.calls[i]];
    if (a && b && isSameCall(a, b, pairs)) continue;
    throw different((a ?? b)!.op);
  }
  for (const name of Object.keys({ ...first.outputs, ...second.outputs })) {
    const [a, b] = [first.outputs[name], second.outputs[name]];
    if (!a || !b || !isSameBuffer(a.buffer, b.buffer, pairs)) throw different(name);
  }
}

/**
 * For a program made of a trace: to be called before each run. The second is traced too and compared with the first; until the two have been
 * found the same, every run after the first is.
 */
export function secondRunCheck(first: TracedStep): (traceAgain: () => TracedStep) => void {
  let unchecked: TracedStep | undefined = first;
  let hasRun = false;
  return (traceAgain) => {
    if (unchecked && hasRun) {
      requireSameTrace(unchecked, traceAgain());
      unchecked = undefined;
    }
    hasRun = true;
  };
}

function different(op: string): UnsupportedError {
  return new UnsupportedError(
    `tensors.compile: step must do the same at every call; ${op} differs between the first two (another op, argument or constant). Pass what changes as an input, and choose by tf.where.`,
  );
}

function isSameCall(a: TraceCall, b: TraceCall, pairs: Map<TraceBuffer, TraceBuffer>): boolean {
  return (
    a.signature === b.signature &&
    a.isFolded === b.isFolded &&
    a.args.every((arg, i) => {
      const other = b.args[i]!;
      if (arg === null || typeof arg === 'number') return Object.is(arg, other);
      return typeof other === 'object' && other !== null && isSameBuffer(arg, other, pairs);
    })
  );
}

function isSameBuffer(a: TraceBuffer, b: TraceBuffer, pairs: Map<TraceBuffer, TraceBuffer>): boolean {
  const known = pairs.get(a);
  if (known) return known === b;
  pairs.set(a, b);
  if (a.bytes !== b.bytes || a.isKnown !== b.isKnown || a.isInput !== b.isInput) return false;
  return a.contents === undefined || (b.contents !== undefined && isSameData(a.contents, b.contents));
}

function isSameData(a: KernelArray, b: KernelArray): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
