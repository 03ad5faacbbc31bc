import type { NdArray } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError } from '@lensfield/kernels';
import { checkCount } from './_arguments.ts';
import type { ChainOptions } from './chain.ts';
import type { ChainResult } from './chain-result.ts';
import { availableThreads, type ChainListener, type FinishedChain, runInThread } from './chain-threads.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import {
  checkpointFile,
  makeCheckpointFolder,
  readCheckpointFile,
  removeCheckpointFile,
  writeCheckpointFile,
} from './checkpoint-files.ts';
import { type ChainProgress, finishChain } from './run-chain.ts';
import type { Target, TargetModule } from './target.ts';

export interface RunChainsOptions extends ChainOptions {
  /** A module for chains in threads of their own, or a target for chains one after the other in this thread. */
  readonly target: Target | TargetModule;
  readonly numChains: number;
  /** Chains that run at the same time, for a module. Default: as many as there are cores. */
  readonly workers?: number;
  /** Wall-clock limit of the whole run. Chains that wait for a worker share it. Default: none. */
  readonly minutes?: number;
  /**
   * Folder (Node) that gets a checkpoint per chain, every `checkpointMinutes` (default 1) and at the end of each chain. Those of an earlier
   * run are removed unless this one resumes.
   */
  readonly checkpointFolder?: string;
  readonly checkpointMinutes?: number;
  /**
   * True: go on from the checkpoints in the folder, chains without one start; a damaged one is passed over for the one before it. Or one
   * checkpoint per chain.
   */
  readonly resume?: boolean | readonly Uint8Array[];
  /** Stops all chains before their next gradient; what they have is returned. */
  readonly signal?: AbortSignal;
  /** Hears of a damaged checkpoint that was passed over. */
  readonly onWarning?: (text: string) => void;
  readonly onProgress?: (chain: number, progress: ChainProgress) => void;
  /**
   * Receives the recorded coordinates of a chain's draws after warm-up as they come, several times a second, [draws, recorded]; those of
   * a checkpoint first. With them the caller can watch convergence, and stop by `signal`.
   */
  readonly onDraws?: (chain: number, draws: NdArray<Float64Array>) => void;
}

/** What a set of chains gave. */
export interface ChainsResult {
  /** Recorded coordinates, shape [chains, draws, recorded]; cut to the shortest chain if time or a signal ended them apart. */
  readonly samples: NdArray<Float64Array>;
  /** Each chain with all its draws. */
  readonly chains: readonly ChainResult[];
  /** The bytes from which each chain can be continued. */
  readonly checkpoints: readonly Uint8Array[];
}

/**
 * Runs several chains, each in a thread of its own or all in this one.
 *
 * Chain c has fold-in c of the key, so that its draws are the same for any number of chains and workers, in threads or not
 * (test/run-chains.test.ts). If a chain fails, the others are stopped (and leave their checkpoints) before the error is thrown.
 *
 * @throws {InvalidArgumentError} if an option is out of range.
 */
export async function runChains(options: RunChainsOptions): Promise<ChainsResult> {
  const { numChains, target, checkpointFolder, minutes } = options;
  checkCount('runChains', 'numChains', numChains, 1);
  if (options.workers !== undefined) checkCount('runChains', 'workers', options.workers, 1);
  if (checkpointFolder !== undefined) await makeCheckpointFolder(checkpointFolder);
  const resume = await checkpointsToResume(options);
  const numWorkers =
    'module' in target ? Math.min(numChains, options.workers ?? (await availableThreads())) : 1;
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  const stop = () => Atomics.store(stopFlag, 0, 1);
  if (options.signal?.aborted) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  const share = minutes === undefined ? undefined : minutes / Math.ceil(numChains / numWorkers);
  try {
    const finished = await inParallel(numChains, numWorkers, stop, (chain) =>
      runOne(options, chain, share, resume[chain], stopFlag),
    );
    return resultOf(finished);
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** Runs `work` for 0 ... count - 1, `width` at a time. After a failure `stop` is called, the rest is waited for, and it is thrown. */
async function inParallel<T>(
  count: number,
  width: number,
  stop: () => void,
  work: (index: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = new Array(count);
  const failures: unknown[] = [];
  let next = 0;
  const lane = async () => {
    while (next < count && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(index);
      } catch (error) {
        failures.push(error);
        stop();
      }
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}

async function runOne(
  options: RunChainsOptions,
  chain: number,
  minutes: number | undefined,
  resume: Uint8Array | undefined,
  stopFlag: Int32Array,
): Promise<FinishedChain> {
  const { target, checkpointFolder, checkpointMinutes } = options;
  const file = checkpointFolder === undefined ? undefined : checkpointFile(checkpointFolder, chain);
  const chainOptions = optionsOfChain(options, chain);
  const listener: ChainListener = {
    progress: (progress) => options.onProgress?.(chain, progress),
    draws: (draws) => options.onDraws?.(chain, draws),
  };
  const shared = {
    ...(minutes !== undefined && { minutes }),
    ...(checkpointMinutes !== undefined && { checkpointMinutes }),
    ...(resume !== undefined && { resume }),
  };
  if ('module' in target) {
    const task = { target, options: chainOptions, stopFlag, ...shared };
    return runInThread(file === undefined ? task : { ...task, checkpointFile: file }, listener);
  }
  const { state, ...result } = await finishChain(
    target,
    {
      ...chainOptions,
      ...shared,
      shouldStop: () => Atomics.load(stopFlag, 0) === 1,
      onDraws: listener.draws,
      ...(file !== undefined && { onCheckpoint: (bytes: Uint8Array) => writeCheckpointFile(file, bytes) }),
    },
    listener.progress,
  );
  return { result, checkpoint: encodeCheckpoint(state) };
}

/** The part of the options that a chain needs: plain data, with its own key. */
function optionsOfChain(options: RunChainsOptions, chain: number): ChainOptions {
  const { key, numWarmup, numSamples, sampler, adaptation, recorded, snapshotEvery, maxSnapshots } = options;
  return {
    key: foldIn(key, chain),
    numWarmup,
    numSamples,
    ...(sampler !== undefined && { sampler }),
    ...(adaptation !== undefined && { adaptation }),
    ...(recorded !== undefined && { recorded }),
    ...(snapshotEvery !== undefined && { snapshotEvery }),
    ...(maxSnapshots !== undefined && { maxSnapshots }),
  };
}

async function checkpointsToResume(options: RunChainsOptions): Promise<(Uint8Array | undefined)[]> {
  const { resume = false, numChains, checkpointFolder, onWarning = () => {} } = options;
  const files = Array.from({ length: numChains }, (_, chain) =>
    checkpointFile(checkpointFolder ?? '', chain),
  );
  if (resume === false) {
    if (checkpointFolder !== undefined) await Promise.all(files.map(removeCheckpointFile));
    return [];
  }
  if (resume !== true) {
    if (resume.length === numChains) return [...resume];
    throw new InvalidArgumentError(
      'resume',
      `hmc.runChains: resume must hold one checkpoint per chain, ${numChains}; got ${resume.length}.`,
    );
  }
  if (checkpointFolder === undefined) {
    throw new InvalidArgumentError(
      'resume',
      'hmc.runChains: resume must come with a checkpointFolder to read from; got none. Give the folder, or the bytes.',
    );
  }
  return Promise.all(files.map((file) => readCheckpointFile(file, onWarning)));
}

function resultOf(finished: readonly FinishedChain[]): ChainsResult {
  const chains = finished.map(({ result }) => result);
  const numDraws = Math.min(...chains.map(({ samples }) => samples.shape[0]));
  const numRecorded = chains[0].samples.shape[1];
  const data = new Float64Array(chains.length * numDraws * numRecorded);
  chains.forEach(({ samples }, chain) => {
    const size = numDraws * numRecorded;
    data.set(samples.data.subarray(0, size), chain * size);
  });
  return {
    samples: { shape: [chains.length, numDraws, numRecorded], data },
    chains,
    checkpoints: finished.map(({ checkpoint }) => checkpoint),
  };
}
