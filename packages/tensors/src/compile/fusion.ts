import { MAX_CHAIN_OPERANDS, MAX_CHAIN_STEPS } from '@lensfield/kernels';
import { type Domain, domainOf, isWalkable, isWholeWalk, refined, stridesIn } from './chain-domain.ts';
import { type ElementwiseCall, elementwiseCall } from './elementwise-call.ts';
import { buffersOf, type TraceBuffer, type TraceCall } from './trace-buffer.ts';

/** Element-wise calls that are run as one chain, in order. */
export interface ChainGroup {
  readonly calls: ElementwiseCall[];
  domain: Domain;
  /** What the calls write, and what they read of others. */
  readonly produced: Set<TraceBuffer>;
  readonly read: Set<TraceBuffer>;
}

/** What a program does next: one kernel call, or a chain. */
export type ProgramNode = TraceCall | ChainGroup;

export const isGroup = (node: ProgramNode): node is ChainGroup => 'produced' in node;

/** Each call of a chain may need a step of its own and one for each operand that it broadcasts. */
const STEPS_PER_CALL = 3;

/**
 * Gathers element-wise calls over the same elements into chains. A chain waits until a call needs one of its results; a call may
 * join it meanwhile if all that it reads is there by then. Every call still sees the values that it saw in the trace.
 */
export function fuse(calls: readonly TraceCall[]): ProgramNode[] {
  const nodes: ProgramNode[] = [];
  let waiting: ChainGroup[] = [];

  function release(isNeeded: (group: ChainGroup) => boolean): void {
    const leaving = new Set<ChainGroup>();
    for (let i = waiting.length - 1; i >= 0; i--) {
      const group = waiting[i]!;
      const feedsLeaving = [...leaving].some((later) => sharesAny(group.produced, later.read));
      if (feedsLeaving || isNeeded(group)) leaving.add(group);
    }
    nodes.push(...waiting.filter((group) => leaving.has(group)).map(asNode));
    waiting = waiting.filter((group) => !leaving.has(group));
  }

  for (const call of calls) {
    const elementwise = elementwiseCall(call);
    if (elementwise && isWalkable(domainOf(elementwise.sizes))) {
      const group = groupFor(elementwise, waiting);
      if (group) join(group, elementwise);
      else waiting.push(newGroup(elementwise));
      continue;
    }
    const reads = buffersOf(call, 'read');
    const writes = buffersOf(call, 'written');
    release(
      ({ produced, read }) =>
        reads.some((buffer) => produced.has(buffer)) ||
        writes.some((buffer) => read.has(buffer) || produced.has(buffer)),
    );
    nodes.push(call);
  }
  release(() => true);
  return nodes;
}

function sharesAny(a: ReadonlySet<TraceBuffer>, b: ReadonlySet<TraceBuffer>): boolean {
  for (const buffer of a) if (b.has(buffer)) return true;
  return false;
}

/** A chain of one call is that call. */
function asNode(group: ChainGroup): ProgramNode {
  return group.calls.length === 1 ? group.calls[0]!.call : group;
}

/** The waiting chain that a call can join with profit: one that it shares numbers with, and that comes after all it depends on. */
function groupFor(call: ElementwiseCall, waiting: readonly ChainGroup[]): ChainGroup | undefined {
  const last = waiting.findLastIndex(({ produced }) =>
    call.inputs.some(({ buffer }) => produced.has(buffer)),
  );
  for (let i = waiting.length - 1; i >= Math.max(last, 0); i--) {
    const group = waiting[i]!;
    const shares = call.inputs.some(({ buffer }) => group.produced.has(buffer) || group.read.has(buffer));
    if (shares && canJoin(group, call)) return group;
  }
  return undefined;
}

function canJoin(group: ChainGroup, call: ElementwiseCall): boolean {
  const domain = refined(group.domain, domainOf(call.sizes));
  if (!domain) return false;
  const operands = group.read.size + group.produced.size + call.inputs.length + 1;
  if (operands > MAX_CHAIN_OPERANDS || (group.calls.length + 1) * STEPS_PER_CALL > MAX_CHAIN_STEPS)
    return false;
  // A result of the chain exists block by block: it can be read element by element only.
  return call.inputs.every(
    ({ buffer, offset, strides }) =>
      !group.produced.has(buffer) ||
      (offset === 0 && isWholeWalk(domain, stridesIn(domain, call.sizes, strides))),
  );
}

function newGroup(call: ElementwiseCall): ChainGroup {
  const group = {
    calls: [],
    domain: domainOf(call.sizes),
    produced: new Set<TraceBuffer>(),
    read: new Set<TraceBuffer>(),
  };
  join(group, call);
  return group;
}

function join(group: ChainGroup, call: ElementwiseCall): void {
  group.domain = refined(group.domain, domainOf(call.sizes))!;
  for (const { buffer } of call.inputs) if (!group.produced.has(buffer)) group.read.add(buffer);
  group.produced.add(call.out);
  group.calls.push(call);
}
