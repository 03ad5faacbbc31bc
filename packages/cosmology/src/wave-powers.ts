/** Gaps in ln(wave) that differ by less count as equal. */
const GAP_TOLERANCE = 1e-14;

/** Writes `first` (wave / first wave)^exponent of every wave. */
export type WavePowers = (first: number, exponent: number, out: Float64Array) => void;

/**
 * Powers of fixed waves by products from one wave to the next: an exponential for each different gap in ln(wave), few where waves are
 * spaced evenly.
 */
export function createWavePowers(logWaves: Float64Array): WavePowers {
  const gaps: number[] = [];
  const gapOf = Int32Array.from(logWaves, (wave, e) => {
    if (e === 0) return -1;
    const gap = wave - logWaves[e - 1];
    const known = gaps.findIndex((other) => Math.abs(other - gap) < GAP_TOLERANCE);
    return known < 0 ? gaps.push(gap) - 1 : known;
  });
  const different = Float64Array.from(gaps);
  const ratio = new Float64Array(gaps.length);
  return (first, exponent, out) => {
    for (let g = 0; g < different.length; g++) ratio[g] = Math.exp(exponent * different[g]);
    let power = first;
    out[0] = power;
    for (let e = 1; e < out.length; e++) {
      power *= ratio[gapOf[e]];
      out[e] = power;
    }
  };
}
