import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isLensfieldError } from '@lensfield/kernels';
import { beforeAll, describe, expect, it } from 'vitest';
import { initTensors, kernelReport, tf } from '../src/index.ts';
import { findTensorflow } from '../src/tensorflow/find-tensorflow.ts';
import { missingBackends } from './_backends.ts';

const [, reason] = missingBackends.find(([backend]) => backend === 'tensorflow') ?? [];

describe('the search for @tensorflow/tfjs-node', () => {
  /** From an empty folder, or one with a package that has nothing but this manifest. */
  async function reasonWith(manifest?: object): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'lensfield-tensorflow-'));
    try {
      const installed = join(folder, 'node_modules/@tensorflow/tfjs-node');
      if (manifest !== undefined) {
        mkdirSync(installed, { recursive: true });
        writeFileSync(join(installed, 'package.json'), JSON.stringify(manifest));
      }
      const search = await findTensorflow({ from: pathToFileURL(join(folder, 'index.js')).href });
      return search.loads ? 'loads' : search.reason;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('says that the package is not installed, and how to install it', async () => {
    expect(await reasonWith()).toBe(
      '@tensorflow/tfjs-node is not installed; npm install @tensorflow/tfjs-node@4.22.0',
    );
  });

  it('refuses another version than that of TensorFlow.js', async () => {
    expect(await reasonWith({ name: '@tensorflow/tfjs-node', version: '3.21.1' })).toMatch(
      'must have version 4.22.0; got 3.21.1: npm install @tensorflow/tfjs-node@4.22.0',
    );
  });

  it('says that the addon does not load, and why', async () => {
    expect(await reasonWith({ name: '@tensorflow/tfjs-node', version: '4.22.0' })).toMatch(
      /^the native addon of @tensorflow\/tfjs-node does not load: Cannot find module/,
    );
  });
});

it.runIf(reason)('a backend that does not load is refused, with the reason', async () => {
  const error = await initTensors({ backend: 'tensorflow' }).catch((caught: unknown) => caught);
  expect(isLensfieldError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toContain(reason!);
});

describe.skipIf(reason)(`backend tensorflow${reason ? `: ${reason}` : ''}`, () => {
  beforeAll(async () => {
    await initTensors();
    await initTensors({ backend: 'tensorflow' });
  });

  it('serves, without kernels of ours', async () => {
    expect(await initTensors({ backend: 'tensorflow' })).toBeUndefined();
    expect(kernelReport()).toEqual({ backend: 'tensorflow', fallbacks: {}, bytes: 0 });
  });

  it('keeps our gradients: the second derivative of x tanh x', () => {
    const t = Math.tanh(0.7);
    const curvature = tf.tidy(() => {
      const slope = tf.grad((x) => tf.sum(tf.mul(x, tf.tanh(x))));
      return tf
        .grad((x) => tf.sum(slope(x)))(tf.scalar(0.7))
        .dataSync()[0]!;
    });
    expect(curvature).toBeCloseTo(2 * (1 - t * t) - 2 * 0.7 * t * (1 - t * t), 5);
  });

  it('counts the kernels that the CPU backend lends it, and leaves nothing behind', () => {
    kernelReport({ reset: true });
    const { numTensors, numBytes } = tf.memory();
    const curvature = tf.tidy(() => {
      const slope = tf.grad((x) => tf.sum(tf.square(tf.maxPool(x as tf.Tensor4D, 2, 1, 'valid'))));
      return tf
        .grad((x) => tf.sum(slope(x)))(tf.tensor4d([0.5, -1, 2, 0], [1, 2, 2, 1]))
        .dataSync();
    });
    expect([...curvature]).toEqual([0, 0, 2, 0]);
    expect(kernelReport().fallbacks).toEqual({ LensfieldMaxPoolSelect: 1 });
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });

  it('holds what it was given and hands out copies, before any op has run', () => {
    const source = Float32Array.of(1, 2);
    const x = tf.tensor1d(source);
    source[0] = 7;
    (x.dataSync() as Float32Array)[1] = 9;
    expect([...x.dataSync()]).toEqual([1, 2]);
    x.dispose();
  });

  it('refuses another number of threads', async () => {
    const cores = availableParallelism();
    await initTensors({ backend: 'tensorflow', threads: cores });
    await expect(initTensors({ backend: 'tensorflow', threads: cores + 1 })).rejects.toThrow(
      `threads must be ${cores}, with which TensorFlow was loaded; got ${cores + 1}.`,
    );
  });
});
