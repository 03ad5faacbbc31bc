import { InvalidArgumentError } from '@lensfield/kernels';

/** A learning rate for each step, as plain data. */
export type LearningRateSchedule =
  | { readonly kind: 'constant'; readonly rate: number }
  | {
      /** Linear rise over `warmupSteps`, then half a cosine from `rate` down to `floor` at the last step of the training. */
      readonly kind: 'cosine';
      readonly rate: number;
      readonly warmupSteps?: number;
      /** Default: rate / 100. */
      readonly floor?: number;
    }
  | {
      /** `rate` times `factor` to the number of whole periods of `everySteps` gone by, never below `floor`. */
      readonly kind: 'step';
      readonly rate: number;
      readonly factor: number;
      readonly everySteps: number;
      readonly floor?: number;
    };

/**
 * The learning rate of a step.
 *
 * @param step        Steps done before it, from 0.
 * @param totalSteps  Length of the training, which the cosine needs.
 */
export function learningRateAt(schedule: LearningRateSchedule, step: number, totalSteps: number): number {
  switch (schedule.kind) {
    case 'constant':
      return schedule.rate;
    case 'step': {
      const periods = Math.floor(step / schedule.everySteps);
      return Math.max(schedule.floor ?? 0, schedule.rate * schedule.factor ** periods);
    }
    case 'cosine': {
      const { rate, warmupSteps = 0, floor = rate / 100 } = schedule;
      if (step < warmupSteps) return (rate * (step + 1)) / (warmupSteps + 1);
      const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
      return floor + (rate - floor) * 0.5 * (1 + Math.cos(Math.PI * progress));
    }
  }
}

/** Throws unless the rates of a schedule are finite and above 0. */
export function requireSchedule(where: string, schedule: LearningRateSchedule): void {
  if (Number.isFinite(schedule.rate) && schedule.rate > 0) return;
  throw new InvalidArgumentError(
    'learningRate',
    `${where}: learningRate must have a rate above 0; got ${schedule.rate}.`,
  );
}
