import type { NdArray } from '@lensfield/contracts';
import type { SpectraResult } from '../recipes/spectra/infer-spectra.ts';
import type { ReportConvergence, ReportCost, ReportData, ReportPosterior } from '../report/report-data.ts';
import { summaryOf } from './summary.ts';

export const SPECTRA_LABEL = 'power spectrum';

/** All draws as one set, [chains * draws, parameters]. */
export function spectraSamples({ chains }: SpectraResult): NdArray<Float64Array> {
  const [numChains, numDraws, size] = chains.shape as [number, number, number];
  return { shape: [numChains * numDraws, size], data: chains.data };
}

/** What `summary.json` says of the spectra. */
export function spectraSummary(result: SpectraResult) {
  const { convergence, chains, fit, gradients, seconds, numDivergences, numWarmup } = result;
  return {
    ...summaryOf(result.names, spectraSamples(result)),
    convergence: convergence.map(({ name, rhat, essBulk, essTail }) => ({ name, rhat, essBulk, essTail })),
    chains: { count: chains.shape[0]!, draws: chains.shape[1]!, warmup: numWarmup },
    divergences: numDivergences,
    spectra: result.numSpectra,
    chiSquare: fit.chiSquare,
    degreesOfFreedom: fit.degreesOfFreedom,
    gradients,
    seconds,
  };
}

export function spectraPosterior(result: SpectraResult): ReportPosterior {
  return {
    label: SPECTRA_LABEL,
    method: 'spectra',
    samples: spectraSamples(result),
    effectiveSize: Math.min(...result.convergence.map(({ essBulk }) => essBulk)),
  };
}

export function spectraConvergence({
  chains,
  convergence,
  sampling,
  numWarmup,
  numDivergences,
  gradients,
}: SpectraResult): ReportConvergence {
  return {
    label: SPECTRA_LABEL,
    samples: chains,
    summary: convergence,
    numWarmup,
    divergences: numDivergences,
    stepSize: sampling.chains.map((chain) => chain.stepSize),
    gradients,
  };
}

/** Without a count of gradients: those of the page are of the joint density. */
export function spectraCosts({ seconds }: SpectraResult): ReportCost[] {
  return [{ stage: `${SPECTRA_LABEL}: fit and chains`, seconds }];
}

/** A report of full-field inference with the power spectra beside it. */
export function withBaseline(report: ReportData, result: SpectraResult): ReportData {
  return {
    ...report,
    posteriors: [...(report.posteriors ?? []), spectraPosterior(result)],
    convergence: [...(report.convergence ?? []), spectraConvergence(result)],
    costs: [...(report.costs ?? []), ...spectraCosts(result)],
  };
}
