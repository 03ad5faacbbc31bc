import { fuse, isGroup, type ProgramNode } from './fusion.ts';
import { buffersOf, type TraceBuffer, type TraceCall } from './trace-buffer.ts';

/** What a program runs, and how long each of its buffers is needed. */
export interface ProgramNodes {
  readonly nodes: readonly ProgramNode[];
  /** Buffers that need memory, with the first and last node that touch them. */
  readonly lifetimes: ReadonlyMap<TraceBuffer, { first: number; last: number }>;
  /** Whether a chain's result is read outside the chain. */
  isStored(buffer: TraceBuffer): boolean;
}

/**
 * From the calls of a trace to the nodes of a program: without calls of which nothing is used, element-wise runs as chains.
 *
 * @param isOutput  Buffers whose numbers are wanted at the end.
 */
export function programNodes(
  calls: readonly TraceCall[],
  isOutput: (buffer: TraceBuffer) => boolean,
): ProgramNodes {
  const live = liveCalls(calls, isOutput);
  const nodes = fuse(live);
  const readers = new Map<TraceBuffer, Set<ProgramNode>>();
  for (const node of nodes)
    for (const buffer of readsOf(node)) {
      const known = readers.get(buffer);
      if (known) known.add(node);
      else readers.set(buffer, new Set([node]));
    }
  const producers = new Map<TraceBuffer, ProgramNode>();
  for (const node of nodes)
    if (isGroup(node)) for (const buffer of node.produced) producers.set(buffer, node);
  const isStored = (buffer: TraceBuffer): boolean => {
    const own = producers.get(buffer);
    return isOutput(buffer) || [...(readers.get(buffer) ?? [])].some((node) => node !== own);
  };
  return { nodes, lifetimes: lifetimesOf(nodes, isStored), isStored };
}

/** The calls on which an output depends. A call may write a part of a buffer, so all writers of a needed one stay. */
function liveCalls(calls: readonly TraceCall[], isOutput: (buffer: TraceBuffer) => boolean): TraceCall[] {
  const needed = new Set<TraceBuffer>();
  const live: TraceCall[] = [];
  for (const call of calls.toReversed()) {
    if (!buffersOf(call, 'written').some((buffer) => needed.has(buffer) || isOutput(buffer))) continue;
    live.push(call);
    for (const role of ['read', 'written'] as const)
      for (const buffer of buffersOf(call, role)) needed.add(buffer);
  }
  const kept = live.reverse();
  return kept;
}

function readsOf(node: ProgramNode): Iterable<TraceBuffer> {
  return isGroup(node)
    ? node.calls.flatMap(({ inputs }) => inputs.map(({ buffer }) => buffer))
    : buffersOf(node, 'read');
}

function lifetimesOf(
  nodes: readonly ProgramNode[],
  isStored: (buffer: TraceBuffer) => boolean,
): Map<TraceBuffer, { first: number; last: number }> {
  const lifetimes = new Map<TraceBuffer, { first: number; last: number }>();
  nodes.forEach((node, i) => {
    const touched = isGroup(node)
      ? [...node.read, ...[...node.produced].filter(isStored)]
      : [...buffersOf(node, 'read'), ...buffersOf(node, 'written')];
    for (const buffer of touched) {
      const known = lifetimes.get(buffer);
      if (known) known.last = i;
      else lifetimes.set(buffer, { first: i, last: i });
    }
  });
  return lifetimes;
}
