import type { NdArray } from '@lensfield/contracts';
import { type ChainMessage, type ChainTask, errorOf } from './_worker-messages.ts';
import type { ChainResult } from './chain-result.ts';
import type { ChainProgress } from './run-chain.ts';

/** A finished chain with the bytes from which it can be continued. */
export interface FinishedChain {
  readonly result: ChainResult;
  readonly checkpoint: Uint8Array;
}

/** What is heard of a chain while it runs. */
export interface ChainListener {
  progress(progress: ChainProgress): void;
  draws(draws: NdArray<Float64Array>): void;
}

/** Runs one chain in a thread of its own. */
export async function runInThread(task: ChainTask, listener: ChainListener): Promise<FinishedChain> {
  const { Worker } = await import('node:worker_threads');
  // Right from src/ and from dist/: both lie beside dist/.
  const worker = new Worker(new URL('../dist/chain-worker.js', import.meta.url), {
    workerData: task,
    execArgv: withoutSourceCondition(process.execArgv),
  });
  try {
    return await new Promise<FinishedChain>((resolve, reject) => {
      worker.on('message', (message: ChainMessage) => {
        if (message.kind === 'progress') listener.progress(message.progress);
        else if (message.kind === 'draws') listener.draws(message.draws);
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

/**
 * The flags of this process less the condition under which packages resolve to their TypeScript sources: the tests run so, but a
 * thread runs built files.
 */
function withoutSourceCondition(flags: readonly string[]): string[] {
  const isCondition = (flag: string | undefined) => flag === '--conditions' || flag === '-C';
  return flags.filter(
    (flag, i) =>
      !/^(--conditions|-C)=?@lensfield\/source$/.test(flag) &&
      !(isCondition(flag) && flags[i + 1] === '@lensfield/source') &&
      !(flag === '@lensfield/source' && isCondition(flags[i - 1])),
  );
}

/** Threads that can work at the same time. */
export async function availableThreads(): Promise<number> {
  const { availableParallelism } = await import('node:os');
  return availableParallelism();
}
