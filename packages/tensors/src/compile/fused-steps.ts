import type { ChainOperand, ChainPlace, ChainStep, FusedChain } from '@lensfield/kernels';
import { axesOf, isWholeWalk, stridesIn } from './chain-domain.ts';
import type { ElementwiseCall, Walk } from './elementwise-call.ts';
import type { ChainGroup } from './fusion.ts';
import type { TraceBuffer } from './trace-buffer.ts';

/** A value of a chain: in a virtual register until registers are assigned, or in memory. */
type Value = { readonly virtual: number } | { readonly operand: number };

/** A step over virtual registers. */
interface Draft {
  readonly inputs: readonly Value[];
  readonly out: Value;
  readonly isLoadOnce: boolean;
  finished(inputs: readonly ChainPlace[], out: ChainPlace): ChainStep;
}

/**
 * Lays a chain out.
 *
 * @param addressOf  Where a buffer lies.
 * @param isStored   Whether a result is read outside the chain.
 */
export function fusedChain(
  group: ChainGroup,
  addressOf: (buffer: TraceBuffer) => number,
  isStored: (buffer: TraceBuffer) => boolean,
): FusedChain {
  const { domain } = group;
  const operands: ChainOperand[] = [];
  const drafts: Draft[] = [];
  const values = new Map<TraceBuffer, Value>();
  const loaded = new Map<string, Value>();
  let numVirtual = 0;

  function operandOf(address: number, strides: ChainOperand['strides']): number {
    const same = operands.findIndex((o) => o.address === address && o.strides.join() === strides.join());
    return same >= 0 ? same : operands.push({ address, strides }) - 1;
  }

  function placeFor(out: TraceBuffer): Value {
    if (!isStored(out)) return { virtual: numVirtual++ };
    const [, inner, columns] = axesOf(domain);
    return { operand: operandOf(addressOf(out), [inner * columns, columns, 1]) };
  }

  function load(operand: number, strides: ChainOperand['strides'], out: Value): Value {
    const isLoadOnce = strides[0] === 0 && strides[1] === 0 && 'virtual' in out;
    const kind = isLoadOnce ? 'loadOnce' : 'load';
    drafts.push({ inputs: [], out, isLoadOnce, finished: (_, place) => ({ kind, operand, out: place }) });
    return out;
  }

  function read({ buffer, offset, strides }: Walk, sizes: readonly number[]): Value {
    const known = values.get(buffer);
    if (known) return known;
    const along = stridesIn(domain, sizes, strides);
    const operand = operandOf(addressOf(buffer) + 4 * offset, along);
    if (isWholeWalk(domain, along)) return { operand };
    const key = String(operand);
    const before = loaded.get(key);
    if (before) return before;
    const value = load(operand, along, { virtual: numVirtual++ });
    loaded.set(key, value);
    return value;
  }

  for (const call of group.calls) {
    if (call.kind === 'copy') values.set(call.out, copied(call));
    else {
      const inputs = call.inputs.map((walk) => read(walk, call.sizes));
      const out = placeFor(call.out);
      drafts.push({
        inputs,
        out,
        isLoadOnce: false,
        finished: (places, place) => stepOf(call, places, place),
      });
      values.set(call.out, out);
    }
  }

  /** A copy that nothing else reads is another name for what it copies. */
  function copied(call: ElementwiseCall): Value {
    const walk = call.inputs[0]!;
    if (!isStored(call.out)) return read(walk, call.sizes);
    const source = values.get(walk.buffer);
    const out = placeFor(call.out);
    if (!source) {
      const along = stridesIn(domain, call.sizes, walk.strides);
      return load(operandOf(addressOf(walk.buffer) + 4 * walk.offset, along), along, out);
    }
    // x * 1 + 0 is x for every x but -0; a maximum of x with itself is x always.
    drafts.push({
      inputs: [source, source],
      out,
      isLoadOnce: false,
      finished: ([a], place) => ({ kind: 'binary', number: MAXIMUM, a: a!, b: a!, out: place }),
    });
    return out;
  }

  return { domain: axesOf(domain), operands, ...assigned(drafts) };
}

/** Of the maximum in csrc/elementwise.c. */
const MAXIMUM = 4;

function stepOf(call: ElementwiseCall, inputs: readonly ChainPlace[], out: ChainPlace): ChainStep {
  const { number, p, q } = call;
  const [a, b] = inputs as [ChainPlace, ChainPlace];
  if (call.kind === 'unary') return { kind: 'unary', number, a, out, p, q };
  if (call.kind === 'binary') return { kind: 'binary', number, a, b, out };
  return { kind: 'leakyReluGradient', a, b, out, slope: p };
}

/** Registers for virtual ones: a register serves again after the last step that reads it, but for what is loaded once. */
function assigned(drafts: readonly Draft[]): { steps: ChainStep[]; numRegisters: number } {
  const lastUse = new Map<number, number>();
  drafts.forEach(({ inputs, out }, i) => {
    for (const value of [...inputs, out]) if ('virtual' in value) lastUse.set(value.virtual, i);
  });
  const registers = new Map<number, number>();
  const free: number[] = [];
  const onceLoaded = new Set<number>();
  let numRegisters = 0;
  const placeOf = (value: Value): ChainPlace =>
    'operand' in value ? value : { register: registers.get(value.virtual)! };
  const steps = drafts.map(({ inputs, out, isLoadOnce, finished }, i) => {
    if ('virtual' in out) {
      if (isLoadOnce) onceLoaded.add(out.virtual);
      const register = isLoadOnce ? undefined : free.pop();
      registers.set(out.virtual, register ?? numRegisters++);
    }
    const step = finished(inputs.map(placeOf), placeOf(out));
    for (const value of new Set(inputs.map((input) => ('virtual' in input ? input.virtual : -1)))) {
      if (value < 0 || lastUse.get(value) !== i || onceLoaded.has(value)) continue;
      free.push(registers.get(value)!);
    }
    return step;
  });
  return { steps, numRegisters };
}
