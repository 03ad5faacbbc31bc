/**
 * p-values corrected for their number: the probability that any of as many right tests has one as small, at most.
 *
 * Source: Holm (1979), Scandinavian Journal of Statistics 6, 65.
 */
export function holmCorrected(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const corrected = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((test, place) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - place) * pValues[test]!));
    corrected[test] = largest;
  });
  return corrected;
}
