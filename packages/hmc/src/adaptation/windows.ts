/** The part of warm-up in which the metric is learned. */
export interface WarmupSchedule {
  /** First draw from which the metric is estimated. */
  readonly start: number;
  /** The draws after which a window ends, the metric is renewed and the step size searched again; increasing, maybe empty. */
  readonly windowEnds: readonly number[];
}

/** Draws at the end for the step size alone. */
const LAST_DRAWS = 50;

/**
 * Stan's warm-up: a stretch for the step size alone, windows that double in length for the metric, and a last stretch for the step
 * size. Below 150 draws the three shrink to 15, 75 and 10 per cent; below 20 only the step size adapts.
 *
 * @param stepSizeShare  The last stretch is at least this share of a warm-up of 150 draws or more. Default 0: Stan's 50 draws.
 *
 * Source: Stan reference manual, "HMC algorithm parameters, automatic parameter tuning"; `windowed_adaptation.hpp`.
 */
export function warmupSchedule(numWarmup: number, stepSizeShare = 0): WarmupSchedule {
  if (numWarmup < 20) return { start: numWarmup, windowEnds: [] };
  const isShort = numWarmup < 75 + 25 + 50;
  const start = isShort ? Math.floor(0.15 * numWarmup) : 75;
  const last = Math.max(LAST_DRAWS, Math.floor(stepSizeShare * numWarmup));
  const end = numWarmup - (isShort ? Math.floor(0.1 * numWarmup) : last);
  const windowEnds: number[] = [];
  let windowStart = start;
  for (let size = isShort ? end - start : 25; windowStart < end; size *= 2) {
    // A window that would leave too little for the next takes all that is left.
    const windowEnd = windowStart + size + 2 * size > end ? end : windowStart + size;
    windowEnds.push(windowEnd);
    windowStart = windowEnd;
  }
  return { start, windowEnds };
}
