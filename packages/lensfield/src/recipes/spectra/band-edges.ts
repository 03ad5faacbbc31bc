import type { Survey } from '@lensfield/lognormal';

/** Of the benchmark's power-spectrum analysis: bands of 50 from 100 on, below 5000. */
const PAPER_WIDTH = 50;
const PAPER_FIRST = 100;
const PAPER_LAST = 5000;
/** Bands of a smaller map, in fundamental modes: no band without a mode. */
const WIDTH_IN_FUNDAMENTALS = 4 / 3;
/** Where bands end, in Nyquist frequencies: a little into the corners of the Fourier plane, as the benchmark's on its map. */
const LAST_IN_NYQUIST = 1.08;

/**
 * Edges of the bands in which the spectra of a survey's map are measured. Maps of at least 9.6 degrees have the benchmark's, 50 wide from 100
 * to 4950; on smaller ones, whose modes lie farther apart, bands are 4/3 of the fundamental mode wide and begin at half of it.
 * The last ends below 5000 and below 1.08 Nyquist frequencies: fields are made mode by mode, so that nothing is aliased and no pixel
 * window acts, and spectra agree with theory up to there (test/spectra/band-powers.test.ts).
 *
 * Source: arXiv 2409.17975, its public code.
 */
export function bandEdgesOf({ mapSize, fieldSizeDeg }: Survey): Float64Array {
  const fundamental = 360 / fieldSizeDeg;
  const width = Math.max(PAPER_WIDTH, WIDTH_IN_FUNDAMENTALS * fundamental);
  const last = Math.min(PAPER_LAST, (LAST_IN_NYQUIST * fundamental * mapSize) / 2);
  // Of few and large pixels the long waves are most of what there is.
  const isPapers = width === PAPER_WIDTH && last > 10 * PAPER_FIRST;
  const first = isPapers ? PAPER_FIRST : fundamental / 2;
  const numBands = Math.floor((last - first) / width);
  return Float64Array.from({ length: numBands + 1 }, (_, i) => first + i * width);
}
