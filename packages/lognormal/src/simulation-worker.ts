import { parentPort, workerData } from 'node:worker_threads';
import { loadKernels } from '@lensfield/kernels';
import { createLognormalModel } from './lognormal-model.ts';
import { simulateBatch } from './simulation-batch.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './simulation-pool.ts';

const { survey, parity, backend } = workerData as WorkerSettings;
const port = parentPort!;
/* One thread each: the workers fill the cores. */
const kernels = await loadKernels({ threads: 1, ...(backend ? { backend } : {}) });
const model = createLognormalModel({ survey, parity, kernels });

port.on('message', ({ task, request }: ToWorker) => {
  try {
    const batch = simulateBatch(model, request);
    port.postMessage({ task, batch } satisfies FromWorker, [batch.maps.data.buffer as ArrayBuffer]);
  } catch (error) {
    port.postMessage({ task, error } satisfies FromWorker);
  }
});
