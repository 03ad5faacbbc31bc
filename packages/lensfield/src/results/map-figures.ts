import { evenBandEdges, onePointFunction } from '@lensfield/diagnostics';
import { type LognormalModel, noiseStandardDeviations, type Survey } from '@lensfield/lognormal';
import { type ObservedMap, observedBins } from '../recipes/observed-map.ts';
import { observedSpectra } from '../recipes/spectra/observed-spectra.ts';
import type { ReportOnePoint, ReportSpectra } from '../report/report-data.ts';

const NUM_BANDS = 16;
const NUM_INTERVALS = 60;

/** Even bands of multipoles for maps of a survey. */
export function spectraBandEdges({ mapSize, fieldSizeDeg }: Survey): Float64Array {
  return evenBandEdges({ mapSize, fieldSizeDeg, numBands: Math.min(NUM_BANDS, mapSize / 4) });
}

/**
 * Measured spectra of an observed map, noise power subtracted, with the errors of a Gaussian field, against theory at given parameters.
 */
export function spectraOf(
  model: LognormalModel,
  map: ObservedMap,
  curves: readonly { readonly label: string; readonly theta: Float64Array }[],
): ReportSpectra {
  const { survey } = model;
  const { ell, values, pairs, numModes, noise } = observedSpectra(survey, map, spectraBandEdges(survey));
  const numBands = ell.length;
  const rowOf = (row: number) => values.subarray(row * numBands, (row + 1) * numBands);
  const autoOf = (bin: number) => rowOf(pairs.findIndex(([i, j]) => i === bin && j === bin));
  return {
    measured: {
      label: 'map, noise subtracted',
      ell,
      values: pairs.map(([i, j], row) => rowOf(row).map((c) => (i === j ? c - noise[i]! : c))),
      errors: pairs.map(([i, j], row) =>
        rowOf(row).map((c, band) =>
          Math.sqrt((c * c + autoOf(i)[band]! * autoOf(j)[band]!) / numModes[band]!),
        ),
      ),
    },
    curves: curves.map(({ label, theta }) => theoryCurve(model, label, theta, pairs.length)),
  };
}

function theoryCurve(model: LognormalModel, label: string, theta: Float64Array, numPairs: number) {
  const { ell, values } = model.spectra(theta);
  const numEll = ell.length;
  return {
    label,
    ell,
    values: Array.from({ length: numPairs }, (_, row) => values.subarray(row * numEll, (row + 1) * numEll)),
  };
}

/** Histograms of the pixels with data of each bin over the survey's noise sd of the bin. */
export function onePointOf(survey: Survey, map: ObservedMap): ReportOnePoint {
  const { observation, noise } = map;
  const sd = noiseStandardDeviations(survey);
  const numBins = sd.length;
  const scaled = { ...observation, data: observation.data.map((value, i) => value / sd[i % numBins]!) };
  const largest = Math.min(
    8,
    scaled.data.reduce((m, value) => Math.max(m, Math.abs(value)), 1),
  );
  const edges = Float64Array.from(
    { length: NUM_INTERVALS + 1 },
    (_, i) => largest * ((2 * i) / NUM_INTERVALS - 1),
  );
  /* Pixels without data are put where no interval counts them. */
  noise?.data.forEach((deviation, i) => {
    if (deviation === Infinity) scaled.data[i] = 2 * largest;
  });
  const { density } = onePointFunction(scaled, { edges });
  const bins = observedBins(survey, map);
  return {
    series: Array.from({ length: numBins }, (_, bin) => ({
      label: `bin ${bin + 1}`,
      edges,
      values: density.data
        .subarray(bin * NUM_INTERVALS, (bin + 1) * NUM_INTERVALS)
        .map((value) => value / (bins[bin]!.fraction || 1)),
    })),
  };
}
