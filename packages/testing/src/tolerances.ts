/** |a - b| / max(|b|, floor). */
export function relativeError(a: number, b: number, floor = Number.MIN_VALUE): number {
  return Math.abs(a - b) / Math.max(Math.abs(b), floor);
}

/** max |a_i - b_i|; NaN where either has a NaN, so that a comparison with a tolerance fails. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`lengths must agree; got ${a.length} and ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i] === b[i] ? 0 : Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
    if (Number.isNaN(largest)) return largest;
  }
  return largest;
}

/** max |a_i - b_i| / max |b_i|: the error on the scale of the whole array. */
export function largestRelativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let scale = Number.MIN_VALUE;
  for (let i = 0; i < b.length; i++) scale = Math.max(scale, Math.abs(b[i]!));
  return largestDifference(a, b) / scale;
}
