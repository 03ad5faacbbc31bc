/**
 * Eight colours that remain distinct under every common colour-vision deficiency, ordered for use on white.
 *
 * Source: M. Okabe and K. Ito (2008), Color Universal Design.
 */
export const OKABE_ITO = [
  '#0072B2',
  '#D55E00',
  '#009E73',
  '#CC79A7',
  '#E69F00',
  '#56B4E9',
  '#000000',
  '#F0E442',
] as const;

/** One look for all pictures: lengths in px of the SVG user space. */
export const THEME = {
  // Source Sans 3 travels with the package for PNG; the others are close relatives that pages may have.
  fontFamily: "'Source Sans 3', 'Source Sans Pro', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif",
  ink: '#1d232e',
  muted: '#5c6675',
  frame: '#8b93a1',
  grid: '#e9ecf0',
  background: '#ffffff',
  tickSize: 12,
  labelSize: 14,
  titleSize: 14,
  tickLength: 4,
} as const;

/** The colour of series `i` when the caller names none. */
export function seriesColour(i: number): string {
  return OKABE_ITO[i % OKABE_ITO.length];
}
