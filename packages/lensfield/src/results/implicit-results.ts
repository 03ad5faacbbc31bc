import type { ImplicitResult } from '../recipes/implicit.ts';
import type { ImplicitRound } from '../recipes/implicit-round.ts';
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

/** The round whose posterior is the result. */
export function lastRound({ rounds }: ImplicitResult): ImplicitRound {
  return rounds.at(-1)!;
}

export function implicitCalibration(result: ImplicitResult): ReportCalibration {
  const { calibration } = lastRound(result).estimation;
  return { ...calibration, label: IMPLICIT_LABEL, leakedFraction: result.posterior.leakedFraction };
}

const LOSS_NAMES = {
  vmim: '-log q(theta | summaries), nats',
  mse: 'mean squared error',
};

export function implicitTrainings({ rounds }: ImplicitResult, loss: 'vmim' | 'mse'): ReportTraining[] {
  return rounds.flatMap((round, i) => roundTrainings(round, loss, titleOf(rounds, i)));
}

function roundTrainings(
  { compression, estimation }: ImplicitRound,
  loss: 'vmim' | 'mse',
  title: string,
): ReportTraining[] {
  const { training } = compression;
  const compressor = training && {
    label: `${title}compressor`,
    training: training.history.map(({ trainLoss }) => trainLoss),
    validation: training.history.map(({ validationLoss }) => validationLoss),
    bestStep: training.bestEpoch + 1,
    lossName: LOSS_NAMES[loss],
  };
  return [
    ...(compressor ? [compressor] : []),
    ...estimation.members.map((member, i) => ({
      label: `${title}estimator ${i + 1}`,
      training: member.history.map(({ trainLoss }) => trainLoss),
      validation: member.history.map(({ validationLoss }) => validationLoss),
      bestStep: member.bestEpoch + 1,
      lossName: LOSS_NAMES.vmim,
    })),
  ];
}

const titleOf = (rounds: readonly ImplicitRound[], index: number): string =>
  rounds.length === 1 ? '' : `round ${index + 1}: `;

export function implicitCosts({ rounds }: ImplicitResult): ReportCost[] {
  return rounds.flatMap(({ simulations, compression, estimation }, i) => {
    const title = `implicit: ${titleOf(rounds, i)}`;
    return [
      {
        stage: `${title}simulations`,
        seconds: simulations.seconds,
        simulations: simulations.numUsed + simulations.numFailed,
      },
      { stage: `${title}compressor`, seconds: compression.seconds },
      { stage: `${title}estimator and calibration`, seconds: estimation.seconds },
    ];
  });
}

/** Simulations of all rounds. */
export function simulationCounts({ rounds }: ImplicitResult): { used: number; failed: number } {
  return {
    used: rounds.reduce((sum, { simulations }) => sum + simulations.numUsed, 0),
    failed: rounds.reduce((sum, { simulations }) => sum + simulations.numFailed, 0),
  };
}

export function implicitNotes(result: ImplicitResult): ReportNote[] {
  const { posterior, rounds } = result;
  const notes: ReportNote[] = posterior.warnings.map((text) => ({ level: 'warning', text }));
  const { failed } = simulationCounts(result);
  if (failed > 0) {
    const first = rounds.find(({ simulations }) => simulations.numFailed > 0)!.simulations.firstFailure;
    notes.push({
      level: 'info',
      text: `${failed} prior draws describe no universe and were left out; the first: ${first}`,
    });
  }
  if (rounds.length > 1) {
    const percent = (100 * lastRound(result).priorMass).toPrecision(2);
    notes.push({
      level: 'info',
      text: `The last round simulated the ${percent} % of the prior that holds the posterior of the round before: its estimator is for this observation alone, and was calibrated on simulations from that part.`,
    });
  }
  const { passed, statement } = lastRound(result).estimation.calibration;
  if (!passed) {
    notes.push({
      level: 'warning',
      text: `The implicit posterior has not passed its calibration: do not rely on its widths. ${statement}`,
    });
  }
  return notes;
}
