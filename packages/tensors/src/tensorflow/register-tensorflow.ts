import { InvalidArgumentError, UnsupportedError } from '@lensfield/kernels';
import { findBackend, type KernelBackend } from '@tensorflow/tfjs-core';
import { findTensorflow, tensorflowThreads } from './find-tensorflow.ts';
import { registerTensorflowKernels } from './kernels.ts';
import { registerStandIns } from './stand-ins.ts';

const NAME = 'tensorflow';

let isRegistered = false;

/**
 * Loads `@tensorflow/tfjs-node`, once, and gives its backend what it lacks. Loading makes that backend current and puts
 * TensorFlow.js's gradients in the place of ours: `afterLoading` puts ours back before anything else runs.
 *
 * @throws {UnsupportedError} if it is not installed or does not load; the message says why and what helps.
 * @throws {InvalidArgumentError} if it is loaded already with another number of threads.
 */
export async function registerTensorflow(
  threads: number | undefined,
  afterLoading: () => void,
): Promise<void> {
  const search = await findTensorflow({ threads });
  if (!search.loads)
    throw new UnsupportedError(
      `tensors.initTensors: the backend tensorflow must load; got: ${search.reason}.`,
    );
  checkThreads(threads);
  if (isRegistered) return;
  search.load();
  ownItsData(findBackend(NAME));
  registerTensorflowKernels(NAME);
  registerStandIns(NAME);
  afterLoading();
  isRegistered = true;
}

function checkThreads(threads: number | undefined): void {
  const inUse = tensorflowThreads();
  if (threads === undefined || threads === inUse) return;
  throw new InvalidArgumentError(
    'threads',
    `tensors.initTensors: threads must be ${inUse}, with which TensorFlow was loaded; got ${threads}. ` +
      'Call initTensors first (backendInfo() loads TensorFlow with all cores).',
  );
}

interface PendingData {
  values: { slice(): never } | null;
}

/**
 * As shipped, the backend keeps the caller's array until an op reads the tensor, and hands that array out again. Here a tensor
 * holds a copy of what it was given, and reading gives a copy, as on our other backends.
 */
function ownItsData(backend: KernelBackend): void {
  const { move, readSync } = backend;
  backend.move = (dataId, values, shape, dtype, refCount) => {
    const isNumeric = ArrayBuffer.isView(values);
    move.call(backend, dataId, isNumeric ? values.slice() : values, shape, dtype, refCount);
  };
  const { tensorMap } = backend as unknown as { tensorMap: { get(dataId: object): PendingData } };
  backend.readSync = (dataId) =>
    tensorMap.get(dataId)?.values?.slice() ?? (readSync.call(backend, dataId) as never);
}
