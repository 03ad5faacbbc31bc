import { UnsupportedError } from './errors.ts';
import { encodeChain, type FusedChain } from './fused-chain.ts';
import { KERNEL_SIGNATURES, type KernelCalls } from './generated/signatures.ts';
import type { Kernels } from './kernels.ts';
import type { KernelSignature } from './signature.ts';

/** One kernel call of a program; arrays are given by address ({@link Kernels.addressOf}), 0 for none. */
export interface RecordedCall {
  readonly signature: KernelSignature;
  readonly args: readonly number[];
}

/** A fixed list of kernel calls, run by one call into C. */
export interface KernelProgram {
  readonly numCalls: number;
  /** Throws `UnsupportedError` when a kernel runs out of memory; names it. */
  run(): void;
  /** Gives the program's memory back; it must not run afterwards. */
  dispose(): void;
}

/** How a kernel is called. */
export function kernelSignature(name: keyof KernelCalls): KernelSignature {
  return KERNEL_SIGNATURES.find((signature) => signature.name === name)!;
}

/** Number of fused chains among the kernels' numbers (csrc/program.c). */
const FUSED = 0;

const isChain = (call: RecordedCall | FusedChain): call is FusedChain => 'steps' in call;

/**
 * Lays calls out as a program. The arrays behind the addresses belong to the caller, who keeps them alive while the program runs.
 *
 * A program does what its calls would do one after the other, to the same bits (test/program.test.ts); kernels use the engine's
 * threads as usual.
 */
export function createProgram(
  kernels: Kernels,
  calls: readonly (RecordedCall | FusedChain)[],
): KernelProgram {
  const words: number[] = [];
  const starts: number[] = [];
  for (const call of calls) {
    const args = isChain(call) ? encodeChain(call) : call.args;
    starts.push(words.length);
    words.push(isChain(call) ? FUSED : call.signature.number, args.length);
    for (const word of args) words.push(word);
  }
  const code = kernels.float64(words.length);
  code.set(words);
  return {
    numCalls: calls.length,
    run() {
      const failed = kernels.call.lf_run_program(code, code.length);
      if (failed) throw failure(calls[starts.indexOf(failed - 1)]!);
    },
    dispose: () => kernels.free(code),
  };
}

function failure(call: RecordedCall | FusedChain): UnsupportedError {
  const name = isChain(call) ? 'a chain of element-wise operations' : call.signature.name;
  return new UnsupportedError(
    `kernels.Program: scratch space of ${name} must fit the engine's memory; it does not. Use smaller batches, or load with a larger memoryMiB.`,
  );
}
