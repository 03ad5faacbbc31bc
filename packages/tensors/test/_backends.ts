import { backendInfo, type TensorBackend } from '../src/index.ts';

const { backends } = await backendInfo();

/** Every backend that loads here. */
export const tensorBackends: TensorBackend[] = backends
  .filter(({ loads }) => loads)
  .map(({ backend }) => backend);

/** The backends that do not load here, with the reason. */
export const missingBackends = backends
  .filter(({ loads }) => !loads)
  .map(({ backend, reason = '' }) => [backend, reason] as const);
