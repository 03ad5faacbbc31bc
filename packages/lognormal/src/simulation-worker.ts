import { parentPort, workerData } from 'node:worker_threads';
import { loadKernels } from '@lensfield/kernels';
import { createLognormalModel } from './lognormal-model.ts';
import { createBatchSimulator } from './simulation-batch.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './simulation-pool.ts';

const { survey, parity, backend, marginalScoresAt } = workerData as WorkerSettings;
const port = parentPort!;
/* One thread each: the workers fill the cores. */
const kernels = await loadKernels({ threads: 1, ...(backend ? { backend } : {}) });
const simulator = createBatchSimulator(createLognormalModel({ survey, parity, kernels }), marginalScoresAt);

port.on('message', ({ task, request }: ToWorker) => {
  try {
    const batch = simulator.simulate(request);
    port.postMessage({ task, batch } satisfies FromWorker, [batch.maps.data.buffer as ArrayBuffer]);
  } catch (error) {
    port.postMessage({ task, error } satisfies FromWorker);
  }
});
