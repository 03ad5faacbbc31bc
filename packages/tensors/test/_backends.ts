import type { TensorBackend } from '../src/index.ts';

export const tensorBackends: TensorBackend[] = ['cpu'];
