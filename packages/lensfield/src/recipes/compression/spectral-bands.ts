/** Bands of the spectra: enough for their shape, few enough for the regression that training starts from. */
const MOST_BANDS = 20;

/** Fewer on small maps, whose lowest modes are few. */
export function numBandsOf(mapSize: number): number {
  return Math.min(MOST_BANDS, Math.max(4, Math.floor(mapSize / 6)));
}
