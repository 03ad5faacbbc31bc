/** Widths of first intervals, one for each coordinate, that all chains share and learn in warm-up. */
export interface SliceWidths {
  readonly values: Float64Array;
  readonly isFinished: boolean;
  /** Takes in a sweep of a chain. */
  learn(before: Float64Array, after: Float64Array): void;
}

/** Two points that are uniform on an interval are a third of its length apart on average. */
const LENGTH_OVER_MOVE = 3;

/** Share that a round has in the mean at least: so the way from the start is forgotten. */
const LEAST_SHARE = 0.1;

/**
 * Widths of the mean length of slices, from how far coordinates move. A round is over when as many sweeps have ended as there are chains.
 */
export function sliceWidths(
  dimension: number,
  numChains: number,
  numWarmup: number,
  initialWidth: number,
): SliceWidths {
  const values = new Float64Array(dimension).fill(initialWidth);
  const moves = new Float64Array(dimension);
  let [round, count] = [0, 0];
  return {
    values,
    get isFinished() {
      return round >= numWarmup;
    },
    learn(before, after) {
      if (round >= numWarmup) return;
      for (let j = 0; j < dimension; j++) moves[j] += Math.abs(after[j] - before[j]);
      if (++count < numChains) return;
      const share = Math.max(LEAST_SHARE, 1 / ++round);
      for (let j = 0; j < dimension; j++) {
        const length = (LENGTH_OVER_MOVE * moves[j]) / count;
        if (length > 0) values[j] += share * (length - values[j]);
      }
      moves.fill(0);
      count = 0;
    },
  };
}
