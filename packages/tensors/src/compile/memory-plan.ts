/** How long a buffer is needed: positions of the first and the last node that touch it. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface MemoryPlan {
  /** Start of each buffer in bytes, in the order given. */
  readonly offsets: readonly number[];
  readonly totalBytes: number;
}

/** Buffers start on cache lines. */
const ALIGNMENT = 64;

export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

interface Gap {
  start: number;
  end: number;
}

/**
 * One block of memory for buffers that are not all needed at once: each goes into the tightest gap that is free when it comes.
 * Buffers that are touched by one node never overlap.
 */
export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const order = lifetimes.map((_, i) => i).sort((a, b) => lifetimes[a]!.first - lifetimes[b]!.first);
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const gaps: Gap[] = [];
  let active: number[] = [];
  let totalBytes = 0;
  for (const i of order) {
    const { bytes, first } = lifetimes[i]!;
    for (const j of active)
      if (lifetimes[j]!.last < first) giveBack(gaps, offsets[j]!, aligned(lifetimes[j]!.bytes));
    active = active.filter((j) => lifetimes[j]!.last >= first);
    const taken = takeGap(gaps, aligned(bytes));
    offsets[i] = taken ?? totalBytes;
    if (taken === undefined) totalBytes += aligned(bytes);
    active.push(i);
  }
  return { offsets, totalBytes };
}

function takeGap(gaps: Gap[], bytes: number): number | undefined {
  let best: Gap | undefined;
  for (const gap of gaps) {
    const size = gap.end - gap.start;
    if (size >= bytes && (!best || size < best.end - best.start)) best = gap;
  }
  if (!best) return undefined;
  const { start } = best;
  best.start += bytes;
  if (best.start === best.end) gaps.splice(gaps.indexOf(best), 1);
  return start;
}

/** Adds a gap and joins it with its neighbours. */
function giveBack(gaps: Gap[], start: number, bytes: number): void {
  const gap = { start, end: start + bytes };
  for (let i = gaps.length - 1; i >= 0; i--) {
    const other = gaps[i]!;
    if (other.end !== gap.start && other.start !== gap.end) continue;
    gap.start = Math.min(gap.start, other.start);
    gap.end = Math.max(gap.end, other.end);
    gaps.splice(i, 1);
  }
  gaps.push(gap);
}
