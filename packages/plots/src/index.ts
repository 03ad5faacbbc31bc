export type { ColourMapName } from './colour-map.ts';
export { type CornerPlotOptions, type CornerPosterior, cornerPlot } from './corner.ts';
export { type CoverageCurve, type CoveragePlotOptions, coveragePlot } from './coverage.ts';
export { type EnergyPlotOptions, energyPlot } from './energy.ts';
export { InvalidArgumentError } from './errors.ts';
export {
  type HistogramCurve,
  type HistogramPlotOptions,
  type HistogramSeries,
  histogramPlot,
} from './histogram.ts';
export { literalLabel } from './label.ts';
export { type LossPlotOptions, type LossSeries, lossPlot } from './loss.ts';
export { type MapPlotOptions, mapPlot } from './map.ts';
export { type RankPlotOptions, rankPlot } from './rank.ts';
export { type RedshiftBin, type RedshiftPlotOptions, redshiftPlot } from './redshift.ts';
export {
  type MeasuredSpectra,
  type SpectraBand,
  type SpectraCurve,
  type SpectraPlotOptions,
  spectraPlot,
} from './spectra.ts';
export { OKABE_ITO } from './theme.ts';
export { type TracePlotOptions, tracePlot } from './trace.ts';
