import type { Progress } from '../command-line/progress.ts';
import type { CheckpointStore } from '../run/checkpoint-store.ts';

/** What the bar of a training shows. */
interface TrainingNumbers {
  readonly done: number;
  readonly total: number;
  readonly trainLoss: number;
  readonly validationLoss: number | undefined;
}

interface Resumable {
  readonly isEpochEnd: boolean;
  state(): unknown;
}

export interface FollowOptions<P> {
  readonly progress: Progress;
  readonly checkpoints: CheckpointStore;
  /** Names the checkpoint. */
  readonly stage: string;
  readonly title: string;
  readonly numbersOf: (state: P) => TrainingNumbers;
}

const BAR = 1000;
const CHECKPOINT_EVERY_MS = 60_000;

/** Runs a training to its end behind a progress bar; keeps its state once a minute, at the end of an epoch, and where it stops. */
export async function followTraining<
  P extends Resumable,
  R extends { readonly stopped: string; readonly state?: unknown },
>(
  training: AsyncGenerator<P, R>,
  { progress, checkpoints, stage, title, numbersOf }: FollowOptions<P>,
): Promise<{ readonly result: R; readonly seconds: number }> {
  const bar = progress.stage(title, BAR, '/1000');
  let lastSaved = performance.now();
  for (;;) {
    const next = await training.next();
    if (next.done) {
      if (next.value.stopped === 'aborted') await checkpoints.save(stage, next.value.state);
      return { result: next.value, seconds: bar.finish() };
    }
    const { done, total, trainLoss, validationLoss } = numbersOf(next.value);
    bar.update(Math.round((BAR * done) / total), {
      loss: trainLoss,
      ...(validationLoss !== undefined && { validation: validationLoss }),
    });
    if (next.value.isEpochEnd && performance.now() - lastSaved > CHECKPOINT_EVERY_MS) {
      await checkpoints.save(stage, next.value.state());
      lastSaved = performance.now();
    }
  }
}
