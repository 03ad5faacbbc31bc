/** An array of a fused chain under its domain: strides in floats along [outer, inner, columns], the last 0 or 1. */
export interface ChainOperand {
  readonly address: number;
  readonly strides: readonly [outer: number, inner: number, column: number];
}

/** Where a step finds or leaves a block: in a register, or in an operand that is laid out as the domain. */
export type ChainPlace = { readonly register: number } | { readonly operand: number };

/**
 * One step on a block of the domain. `load` writes a broadcast operand out; `loadOnce` does so for an operand that is the same in
 * all blocks of whole rows (outer and inner stride 0), into a register of its own. `number` is that of csrc/elementwise.c.
 */
export type ChainStep =
  | { readonly kind: 'load' | 'loadOnce'; readonly operand: number; readonly out: ChainPlace }
  | {
      readonly kind: 'unary';
      readonly number: number;
      readonly a: ChainPlace;
      readonly out: ChainPlace;
      readonly p: number;
      readonly q: number;
    }
  | {
      readonly kind: 'binary';
      readonly number: number;
      readonly a: ChainPlace;
      readonly b: ChainPlace;
      readonly out: ChainPlace;
    }
  | {
      /** a is dy, b the value, and `out` neither. */
      readonly kind: 'leakyReluGradient';
      readonly a: ChainPlace;
      readonly b: ChainPlace;
      readonly out: ChainPlace;
      readonly slope: number;
    };

/** Element-wise operations over one domain, run block by block so that what only the chain reads never leaves the cache. */
export interface FusedChain {
  readonly domain: readonly [outer: number, inner: number, columns: number];
  readonly operands: readonly ChainOperand[];
  readonly steps: readonly ChainStep[];
  readonly numRegisters: number;
}

/** Sizes of the arrays in csrc/fused.c. */
export const MAX_CHAIN_STEPS = 192;
export const MAX_CHAIN_OPERANDS = 96;

const BINARY_FROM = 64;
const LEAKY_GRADIENT = 128;
const LOAD = 129;
const LOAD_ONCE = 130;

/** The chain as the numbers that csrc/fused.c reads. */
export function encodeChain({ domain, operands, steps, numRegisters }: FusedChain): number[] {
  const place = (at: ChainPlace): number => ('register' in at ? at.register : numRegisters + at.operand);
  const words = [...domain, operands.length, steps.length, numRegisters];
  for (const { address, strides } of operands) words.push(address, ...strides);
  for (const step of steps) words.push(...encodeStep(step, place));
  return words;
}

function encodeStep(step: ChainStep, place: (at: ChainPlace) => number): number[] {
  const out = place(step.out);
  switch (step.kind) {
    case 'load':
      return [LOAD, step.operand, 0, out, 0, 0];
    case 'loadOnce':
      return [LOAD_ONCE, step.operand, 0, out, 0, 0];
    case 'unary':
      return [step.number, place(step.a), 0, out, step.p, step.q];
    case 'binary':
      return [BINARY_FROM + step.number, place(step.a), place(step.b), out, 0, 0];
    case 'leakyReluGradient':
      return [LEAKY_GRADIENT, place(step.a), place(step.b), out, step.slope, 0];
  }
}
