import { summarizeSamples } from '@lensfield/diagnostics';
import type { SpectraBand } from '@lensfield/plots';
import type { KeptMaps } from './kept-maps.ts';

/** Central shares of the spectra of posterior maps, the wider one first. */
const SHARES = [
  { label: 'posterior maps, 95 %', low: 0.025, high: 0.975 },
  { label: 'posterior maps, 68 %', low: 0.16, high: 0.84 },
];

/**
 * Where the spectra of the kept maps lie: between quantiles of each band of multipoles, pair by pair. None of fewer than two maps.
 */
export function posteriorSpectra({ spectra, ell }: KeptMaps): SpectraBand[] {
  const [count, numPairs, numBands] = spectra.shape as [number, number, number];
  if (count < 2) return [];
  const samples = { shape: [count, numPairs * numBands], data: spectra.data };
  const names = new Array<string>(numPairs * numBands).fill('band power');
  const probabilities = SHARES.flatMap(({ low, high }) => [low, high]);
  const quantiles = summarizeSamples(samples, { names, probabilities }).map((summary) => summary.quantiles);
  const rowsOf = (at: number) =>
    Array.from({ length: numPairs }, (_, pair) =>
      quantiles.slice(pair * numBands, (pair + 1) * numBands).map((values) => values[at]!),
    );
  return SHARES.map(({ label }, i) => ({ label, ell, low: rowsOf(2 * i), high: rowsOf(2 * i + 1) }));
}
