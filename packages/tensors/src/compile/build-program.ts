import {
  createProgram,
  type FusedChain,
  type KernelArray,
  type KernelProgram,
  type Kernels,
  type RecordedCall,
} from '@lensfield/kernels';
import { fusedChain } from './fused-steps.ts';
import { isGroup } from './fusion.ts';
import { aligned, planMemory } from './memory-plan.ts';
import { programNodes } from './program-nodes.ts';
import type { TraceBuffer, TraceCall } from './trace-buffer.ts';

/** Arrays of the engine, or views of them, that outlive the program's own memory: inputs, outputs, state. */
export type Pins = Map<TraceBuffer, KernelArray>;

export interface BuiltProgram extends KernelProgram {
  /** Of the program's own memory, constants included. */
  readonly bytes: number;
}

/**
 * Makes a program of a trace's calls. Pinned buffers lie in the arrays that are given for them; for the others one block of memory is planned, in
 * which buffers follow each other as they come and go. Constants keep places of their own.
 *
 * @param outputs  The pinned buffers whose numbers are wanted; what none of them depends on is left out.
 */
export function buildProgram(
  kernels: Kernels,
  calls: readonly TraceCall[],
  pins: Readonly<Pins>,
  outputs: ReadonlySet<TraceBuffer>,
): BuiltProgram {
  const kept = calls.filter(({ isFolded }) => !isFolded);
  const { nodes, lifetimes, isStored } = programNodes(kept, (buffer) => outputs.has(buffer));
  const memory = placeBuffers(kernels, lifetimes, pins);
  const addressOf = (buffer: TraceBuffer): number => memory.addresses.get(buffer)!;
  const encoded = nodes.map((node): RecordedCall | FusedChain =>
    isGroup(node)
      ? fusedChain(node, addressOf, isStored)
      : { signature: node.signature, args: node.args.map((arg) => argumentOf(arg, addressOf)) },
  );
  const program = createProgram(kernels, encoded);
  return {
    numCalls: program.numCalls,
    bytes: memory.block.byteLength,
    run: program.run,
    dispose() {
      program.dispose();
      kernels.free(memory.block);
    },
  };
}

function argumentOf(arg: TraceBuffer | number | null, addressOf: (buffer: TraceBuffer) => number): number {
  if (arg === null) return 0;
  return typeof arg === 'number' ? arg : addressOf(arg);
}

/** Addresses of all buffers, and the block of memory that holds those without a pin. */
function placeBuffers(
  kernels: Kernels,
  lifetimes: ReadonlyMap<TraceBuffer, { first: number; last: number }>,
  pins: Readonly<Pins>,
): { addresses: Map<TraceBuffer, number>; block: Uint8Array } {
  const own = [...lifetimes.keys()].filter((buffer) => !pins.has(buffer));
  const constants = own.filter((buffer) => isConstant(buffer));
  const changing = own.filter((buffer) => !isConstant(buffer));
  const plan = planMemory(changing.map((buffer) => ({ bytes: buffer.bytes, ...lifetimes.get(buffer)! })));
  const constantBytes = constants.reduce((total, { bytes }) => total + aligned(bytes), 0);
  const block = kernels.uint8(Math.max(1, plan.totalBytes + constantBytes));
  const start = kernels.addressOf(block);
  const addresses = new Map<TraceBuffer, number>();
  changing.forEach((buffer, i) => {
    addresses.set(buffer, start + plan.offsets[i]!);
  });
  let offset = plan.totalBytes;
  for (const buffer of constants) {
    const { contents } = buffer;
    block.set(new Uint8Array(contents!.buffer, contents!.byteOffset, contents!.byteLength), offset);
    addresses.set(buffer, start + offset);
    offset += aligned(buffer.bytes);
  }
  for (const [buffer, array] of pins) addresses.set(buffer, kernels.addressOf(array));
  return { addresses, block };
}

/** A buffer whose writers are all folded keeps its numbers; one that a kept call writes is computed at each run. */
function isConstant({ contents, isKnown }: TraceBuffer): boolean {
  return isKnown && contents !== undefined;
}
