import { parentPort, workerData } from 'node:worker_threads';
import { type ChainMessage, type ChainTask, errorData } from './_worker-messages.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import { writeCheckpointFile } from './checkpoint-files.ts';
import { finishChain } from './run-chain.ts';
import { loadTarget } from './target.ts';

/** The parent hears of progress at most this often. */
const PROGRESS_MS = 200;

function tell(message: ChainMessage, handedOver: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, handedOver);
}

async function run(task: ChainTask): Promise<void> {
  const target = await loadTarget(task.target);
  const { checkpointFile } = task;
  let lastProgress = 0;
  const { state, ...result } = await finishChain(
    target,
    {
      ...task.options,
      ...(task.minutes !== undefined && { minutes: task.minutes }),
      ...(task.checkpointMinutes !== undefined && { checkpointMinutes: task.checkpointMinutes }),
      ...(task.resume !== undefined && { resume: task.resume }),
      ...(checkpointFile !== undefined && {
        onCheckpoint: (bytes: Uint8Array) => writeCheckpointFile(checkpointFile, bytes),
      }),
      shouldStop: () => Atomics.load(task.stopFlag, 0) === 1,
      onDraws: (draws) => tell({ kind: 'draws', draws }),
    },
    (progress) => {
      const now = performance.now();
      if (now - lastProgress < PROGRESS_MS && progress.draw < progress.total) return;
      lastProgress = now;
      tell({ kind: 'progress', progress });
    },
  );
  const checkpoint = encodeCheckpoint(state);
  tell({ kind: 'result', result, checkpoint }, [checkpoint.buffer as ArrayBuffer]);
}

run(workerData as ChainTask).catch((error: unknown) => tell({ kind: 'error', error: errorData(error) }));
