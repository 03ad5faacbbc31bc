import type { Worker } from 'node:worker_threads';
import type { KernelBackend } from '@lensfield/kernels';
import type { SimulationBatch, SimulationRequest } from './simulation-batch.ts';
import type { Survey } from './survey.ts';
import type { Parity } from './survey-theory.ts';

export interface WorkerSettings {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly backend: KernelBackend | undefined;
  readonly marginalScoresAt: Float64Array | undefined;
}

export interface ToWorker {
  readonly task: number;
  readonly request: SimulationRequest;
}

export type FromWorker =
  | { readonly task: number; readonly batch: SimulationBatch }
  | { readonly task: number; readonly error: unknown };

/* Batches that may wait for the caller per worker, so that a slow caller does not fill the memory. */
const AHEAD_PER_WORKER = 2;

interface Waiting {
  resolve(batch: SimulationBatch): void;
  reject(reason: unknown): void;
}

/* The worker is built code: it takes none of the flags (such as `--conditions`) with which sources may be run. */
async function startWorkers(settings: WorkerSettings, count: number): Promise<Worker[]> {
  const { Worker } = await import('node:worker_threads');
  const url = new URL('../dist/simulation-worker.js', import.meta.url);
  return Array.from({ length: count }, () => new Worker(url, { workerData: settings, execArgv: [] }));
}

/** Runs requests on worker threads and yields their batches in the order of the requests. */
export async function* simulateOnWorkers(
  settings: WorkerSettings,
  requests: readonly SimulationRequest[],
  { workers: count, signal }: { readonly workers: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<SimulationBatch> {
  const workers = await startWorkers(settings, Math.min(count, requests.length));
  const waiting = new Map<number, Waiting>();
  const batches: Promise<SimulationBatch>[] = [];
  const fail = (reason: unknown) => {
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
  };
  const onAbort = () => fail(signal!.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  for (const worker of workers) {
    worker.on('error', fail);
    worker.on('message', (message: FromWorker) => {
      const promise = waiting.get(message.task);
      waiting.delete(message.task);
      if ('batch' in message) promise?.resolve(message.batch);
      else promise?.reject(message.error);
    });
  }
  const send = (task: number) => {
    if (task >= requests.length) return;
    const batch = new Promise<SimulationBatch>((resolve, reject) => {
      waiting.set(task, { resolve, reject });
    });
    batch.catch(
      () => {},
    ); /* seen by the loop below; here only so that it does not count as unhandled before that */
    batches[task] = batch;
    workers[task % workers.length]!.postMessage({ task, request: requests[task]! } satisfies ToWorker);
  };
  try {
    for (let task = 0; task < workers.length * AHEAD_PER_WORKER; task++) send(task);
    for (let task = 0; task < requests.length; task++) {
      signal?.throwIfAborted();
      yield await batches[task]!;
      delete batches[task];
      send(task + workers.length * AHEAD_PER_WORKER);
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
