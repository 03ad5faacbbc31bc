import type { FloatArray, NdArray } from '@lensfield/contracts';
import type { ChainSummary, DivergenceLocation } from '@lensfield/diagnostics';
import type {
  HistogramCurve,
  HistogramSeries,
  MeasuredSpectra,
  RedshiftBin,
  SpectraBand,
  SpectraCurve,
} from '@lensfield/plots';
import type { Certificate } from '@lensfield/sbi';
import type { RunRecord } from '../run/run-record.ts';

/**
 * Everything that the page shows, as plain data. Each part that is absent is left out of the page; a part that is needed for belief
 * (calibration of an implicit posterior, convergence of an explicit one) is then named as not measured.
 */
export interface ReportData {
  readonly title: string;
  /** One or two sentences: what was done to which map. */
  readonly summary?: string;
  readonly run: RunRecord;
  /** The parameters that were inferred, in the order of the samples. */
  readonly parameters: readonly ReportParameter[];
  readonly survey?: ReportSurvey;
  readonly observation?: ReportObservation;
  readonly spectra?: ReportSpectra;
  readonly onePoint?: ReportOnePoint;
  readonly posteriors?: readonly ReportPosterior[];
  readonly comparisons?: readonly ReportComparison[];
  readonly convergence?: readonly ReportConvergence[];
  readonly calibrations?: readonly ReportCalibration[];
  readonly trainings?: readonly ReportTraining[];
  readonly costs?: readonly ReportCost[];
  readonly notes?: readonly ReportNote[];
  /** What a reproduction puts beside the numbers of a paper. */
  readonly tables?: readonly ReportTable[];
  readonly curves?: readonly ReportCurves[];
  /** Checks beside those that the page makes from the rest. */
  readonly checks?: readonly ReportCheck[];
}

export interface ReportParameter {
  readonly name: string;
  /** Where known: the value that made the map. */
  readonly truth?: number;
  /** Prior support. */
  readonly bounds?: readonly [number, number];
  /** The prior in words, as `normal(0.83, 0.14)`. */
  readonly prior?: string;
}

export interface ReportSurvey {
  readonly name: string;
  /** Pixels along a side. */
  readonly mapSize: number;
  readonly fieldSizeDeg: number;
  /** One per bin. */
  readonly galaxiesPerArcmin2: ArrayLike<number>;
  readonly sigmaE: number;
  /** Noise standard deviation per pixel, one per bin. */
  readonly noiseSd?: ArrayLike<number>;
  readonly redshiftBins?: readonly RedshiftBin[];
  /** As `sbi_lens`, where the reference simulator is reproduced. */
  readonly parity?: string;
}

export interface ReportObservation {
  /** Shape [rows, columns, bins]. */
  readonly maps: NdArray<FloatArray>;
  readonly fieldSizeDeg: number;
  /** Where the map came from: a file, or "simulated with seed 1". */
  readonly source?: string;
  /** The convergence without noise, where known; same shape. */
  readonly convergence?: NdArray<FloatArray>;
  /** Posterior mean of the convergence, and its standard deviation; same shape. */
  readonly reconstruction?: { readonly mean: NdArray<FloatArray>; readonly sd?: NdArray<FloatArray> };
}

export interface ReportSpectra {
  readonly measured: MeasuredSpectra;
  readonly curves: readonly SpectraCurve[];
  /** Of the maps that a posterior kept. */
  readonly bands?: readonly SpectraBand[];
}

/** Histograms of pixel values. */
export interface ReportOnePoint {
  readonly series: readonly HistogramSeries[];
  readonly curves?: readonly HistogramCurve[];
}

export interface ReportPosterior {
  /** Unique; comparisons name posteriors by it. */
  readonly label: string;
  readonly method: 'implicit' | 'explicit' | 'spectra' | 'reference';
  /** Shape [n, parameters.length]. */
  readonly samples: NdArray<FloatArray>;
  /** Independent draws that the samples are worth, where they are correlated. */
  readonly effectiveSize?: number;
  /** What the page holds against it, and says in its label. */
  readonly reservation?: string;
}

export interface ReportComparison {
  /** Labels of two posteriors; differences are b less a, in units of a. */
  readonly a: string;
  readonly b: string;
  /** Accuracy of a classifier that tells the two apart: 0.5 if it cannot. */
  readonly c2st?: { readonly accuracy: number; readonly standardError?: number };
  /** Two parameters for the figure of merit; omega_c and sigma_8 where both are inferred. */
  readonly meritParameters?: readonly [string, string];
}

export interface ReportConvergence {
  readonly label: string;
  /** Draws after warm-up, shape [chains, draws, parameters.length]. */
  readonly samples: NdArray<FloatArray>;
  /** One per parameter. */
  readonly summary: readonly ChainSummary[];
  readonly numWarmup: number;
  /** Divergent trajectories after warm-up. */
  readonly divergences: number;
  /** Where among the parameters they were; one per parameter, none without divergences. */
  readonly divergenceLocations?: readonly DivergenceLocation[];
  /** Energies, shape [chains, draws]. */
  readonly energy?: NdArray<FloatArray>;
  /** One per chain. */
  readonly stepSize?: ArrayLike<number>;
  readonly acceptanceRate?: ArrayLike<number>;
  /** Gradients, warm-up included. */
  readonly gradients?: number;
}

/** What `certify` of `@lensfield/sbi` returns, with the label of its posterior and the leakage of what was drawn. */
export interface ReportCalibration
  extends Pick<
    Certificate,
    'verdict' | 'statement' | 'numSimulations' | 'numDraws' | 'level' | 'tests' | 'controls'
  > {
  /** That of the posterior. */
  readonly label: string;
  readonly sbc: readonly { readonly name: string; readonly ranks: ArrayLike<number> }[];
  readonly tarp: ReportCoverage;
  /** Of regions of highest density. */
  readonly coverage?: ReportCoverage;
  /** Share of the estimator's draws outside the prior. */
  readonly leakedFraction?: number;
}

export interface ReportCoverage {
  readonly levels: ArrayLike<number>;
  readonly coverage: ArrayLike<number>;
  /** Bootstrap standard deviation. */
  readonly coverageSd?: ArrayLike<number>;
}

export interface ReportTraining {
  readonly label: string;
  readonly training: ArrayLike<number>;
  readonly validation?: ArrayLike<number>;
  /** Where the losses stand; 1, 2, 3, ... by default. */
  readonly steps?: ArrayLike<number>;
  /** The step whose parameters were kept. */
  readonly bestStep?: number;
  /** `epoch` by default. */
  readonly stepName?: string;
  /** As `mean squared error` or `negative log probability`. */
  readonly lossName?: string;
}

export interface ReportCost {
  readonly stage: string;
  readonly seconds: number;
  readonly simulations?: number;
  /** Gradients of the joint density. */
  readonly gradients?: number;
}

export interface ReportTable {
  /** Of its file, in lower-case letters and hyphens. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly note: string;
}

export interface ReportCurves {
  /** Of its file, in lower-case letters and hyphens. */
  readonly name: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly {
    readonly label: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
  }[];
  readonly note: string;
}

export interface ReportNote {
  readonly level: 'info' | 'warning';
  readonly text: string;
}

export interface ReportCheck {
  readonly status: CheckStatus;
  /** What was asked, as `Chains agree`. */
  readonly name: string;
  /** The number found, as `R-hat 1.004`. */
  readonly found: string;
  /** What was asked of it, as `below 1.01`. */
  readonly rule: string;
}

export type CheckStatus = 'passed' | 'doubtful' | 'failed';
