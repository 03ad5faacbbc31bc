import { backendInfo, type TensorBackend } from '../src/index.ts';

/** Every backend that loads here. */
export const tensorBackends: TensorBackend[] = (await backendInfo()).backends
  .filter(({ loads }) => loads)
  .map(({ backend }) => backend);
