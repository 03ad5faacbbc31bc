import { type ChainMessage, type ChainTask, errorOf } from './_worker-messages.ts';
import type { ChainResult } from './chain-result.ts';
import type { ChainProgress } from './run-chain.ts';

/** A finished chain with the bytes from which it can be continued. */
export interface FinishedChain {
  readonly result: ChainResult;
  readonly checkpoint: Uint8Array;
}

/** Runs one chain in a thread of its own. */
export async function runInThread(
  task: ChainTask,
  onProgress: (progress: ChainProgress) => void,
): Promise<FinishedChain> {
  const { Worker } = await import('node:worker_threads');
  // Right from src/ and from dist/: both lie beside dist/.
  const worker = new Worker(new URL('../dist/chain-worker.js', import.meta.url), { workerData: task });
  try {
    return await new Promise<FinishedChain>((resolve, reject) => {
      worker.on('message', (message: ChainMessage) => {
        if (message.kind === 'progress') onProgress(message.progress);
        else if (message.kind === 'result') resolve(message);
        else reject(errorOf(message.error));
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        reject(
          new Error(
            `hmc.runChains: the thread of a chain must not end before its chain; it ended with code ${code}.`,
          ),
        );
      });
    });
  } finally {
    await worker.terminate();
  }
}

/** Threads that can work at the same time. */
export async function availableThreads(): Promise<number> {
  const { availableParallelism } = await import('node:os');
  return availableParallelism();
}
