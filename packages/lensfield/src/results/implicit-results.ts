import type { ImplicitResult } from '../recipes/implicit.ts';
import type {
  ReportCalibration,
  ReportCost,
  ReportNote,
  ReportPosterior,
  ReportTraining,
} from '../report/report-data.ts';

export const IMPLICIT_LABEL = 'implicit';

export function implicitPosterior({ samples }: ImplicitResult): ReportPosterior {
  return { label: IMPLICIT_LABEL, method: 'implicit', samples };
}

export function implicitCalibration({ estimation, posterior }: ImplicitResult): ReportCalibration {
  return { ...estimation.calibration, label: IMPLICIT_LABEL, leakedFraction: posterior.leakedFraction };
}

export function implicitTrainings(
  { compression, estimation }: ImplicitResult,
  loss: string,
): ReportTraining[] {
  const lossNames: Record<string, string> = {
    vmim: '-log q(theta | summaries), nats',
    mse: 'mean squared error',
  };
  const compressor = compression.training;
  return [
    {
      label: 'compressor',
      training: compressor.history.map(({ trainLoss }) => trainLoss),
      validation: compressor.history.map(({ validationLoss }) => validationLoss),
      bestStep: compressor.bestEpoch + 1,
      lossName: lossNames[loss] ?? loss,
    },
    ...estimation.members.map((member, i) => ({
      label: `estimator ${i + 1}`,
      training: member.history.map(({ trainLoss }) => trainLoss),
      validation: member.history.map(({ validationLoss }) => validationLoss),
      bestStep: member.bestEpoch + 1,
      lossName: '-log q(theta | summaries), nats',
    })),
  ];
}

export function implicitCosts({ simulations, compression, estimation }: ImplicitResult): ReportCost[] {
  return [
    {
      stage: 'implicit: simulations',
      seconds: simulations.seconds,
      simulations: simulations.numUsed + simulations.numFailed,
    },
    { stage: 'implicit: compressor', seconds: compression.seconds },
    { stage: 'implicit: estimator and calibration', seconds: estimation.seconds },
  ];
}

export function implicitNotes({ simulations, posterior, estimation }: ImplicitResult): ReportNote[] {
  const { numFailed, firstFailure } = simulations;
  const notes: ReportNote[] = posterior.warnings.map((text) => ({ level: 'warning', text }));
  if (numFailed > 0) {
    notes.push({
      level: 'info',
      text: `${numFailed} prior draws describe no universe and were left out; the first: ${firstFailure}`,
    });
  }
  if (!estimation.calibration.passed) {
    notes.push({
      level: 'warning',
      text: 'The implicit posterior has not passed its calibration: do not rely on its widths.',
    });
  }
  return notes;
}
