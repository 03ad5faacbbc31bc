import { getGradient, getKernelsForBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { backendInfo, initTensors, tf } from '../src/index.ts';

it('registers nothing on import, and everything once', async () => {
  expect(getGradient('Tanh')).toBeUndefined();
  expect((await backendInfo()).serves).toBeUndefined();
  const first = await initTensors();
  const second = await initTensors();
  expect(second).toBe(first);
  expect(getGradient('Tanh')).toBeDefined();
  const info = await backendInfo();
  const ready = info.backends.find(({ loads }) => loads);
  expect(info.serves).toBe(process.env.LENSFIELD_BACKEND || ready?.backend);
  expect(info.backends.map(({ backend }) => backend)).toEqual(['native', 'tensorflow', 'wasm', 'cpu']);
});

it('gives every kernel of a backend a gradient, right or loud', async () => {
  await initTensors({ backend: 'cpu' });
  const without = getKernelsForBackend('cpu').filter(
    ({ kernelName }) => getGradient(kernelName) === undefined,
  );
  expect(without).toEqual([]);
});

it('refuses a backend that it does not know', async () => {
  await expect(initTensors({ backend: 'abacus' as never })).rejects.toThrow(
    'tensors.initTensors: backend must be native, tensorflow, wasm or cpu; got abacus.',
  );
});

it('refuses another number of threads', async () => {
  const kernels = await initTensors();
  if (kernels?.backend !== 'native') return;
  await expect(initTensors({ backend: 'native', threads: kernels.threads + 1 })).rejects.toThrow(
    'threads must be',
  );
});

it('runs the ops of tf on the chosen backend', async () => {
  const kernels = await initTensors({ backend: 'wasm' });
  expect(kernels?.backend).toBe('wasm');
  expect(tf.tidy(() => tf.add(1, 2).dataSync()[0])).toBe(3);
});
