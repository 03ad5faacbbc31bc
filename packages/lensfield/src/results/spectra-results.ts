import type { SpectraResult } from '../recipes/spectra/infer-spectra.ts';
import { leastEss } from '../recipes/worst-convergence.ts';
import type { ReportConvergence, ReportCost, ReportData, ReportPosterior } from '../report/report-data.ts';
import { chainsSummary, pooledDraws } from './chain-draws.ts';

export const SPECTRA_LABEL = 'power spectrum';

/** What `summary.json` says of the spectra. */
export function spectraSummary(result: SpectraResult) {
  const { fit, gradients, seconds, numDivergences, numWarmup } = result;
  return {
    ...chainsSummary(result, numWarmup),
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
    samples: pooledDraws(result.chains),
    effectiveSize: leastEss(result.convergence),
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
