import { describe, expect, it } from 'vitest';
import {
  backendInfo,
  InvalidArgumentError,
  loadEveryKernels,
  loadKernels,
  UnsupportedError,
} from '../src/index.ts';

const engines = await loadEveryKernels({ memoryMiB: 64 });

describe.each(engines)('kernels on $backend', (kernels) => {
  it('gives arrays of zeros, again after free', () => {
    const first = kernels.float32(1000).fill(7);
    kernels.free(first);
    const second = kernels.float32(1000);
    expect(second.every((x) => x === 0)).toBe(true);
    expect(second.byteOffset % 64 === 0 || kernels.backend === 'native').toBe(true);
    kernels.free(second);
  });

  it('sums in float64: 2^24 + 1000 ones, which float32 sums lose', () => {
    const x = kernels.float32(1001).fill(1);
    x[0] = 2 ** 24;
    expect(kernels.call.lf_sum(x, x.length)).toBe(2 ** 24 + 1000);
    expect(kernels.call.lf_dot(x, x, x.length)).toBe(2 ** 48 + 1000);
    kernels.free(x);
  });

  it('works on arrays from anywhere: outputs come back, inputs stay', () => {
    const x = new Float64Array([1, -2.5, Math.PI]);
    const out = new Float32Array(3);
    kernels.call.lf_float32_of_float64(x, out, 3);
    expect([...out]).toEqual([1, -2.5, Math.fround(Math.PI)]);
    expect(x[2]).toBe(Math.PI);
    const view = new Float32Array(10).fill(3).subarray(4, 7);
    kernels.call.lf_float32_of_float64(x, view, 3);
    expect([...new Float32Array(view.buffer)].slice(3, 8)).toEqual([3, 1, -2.5, Math.fround(Math.PI), 3]);
  });

  it('refuses arguments of the wrong type', () => {
    const x = new Float64Array(3);
    const calls = kernels.call as unknown as Record<string, (...args: unknown[]) => number>;
    expect(() => calls.lf_sum!(x, 3)).toThrow(
      'kernels.lf_sum: x must be Float32Array or null; got Float64Array.',
    );
    expect(() => calls.lf_sum!(new Float32Array(3), 1.5)).toThrow('n must be an int32; got 1.5');
    expect(() => calls.lf_sum!(new Float32Array(3))).toThrow('arguments must be 2; got 1');
    expect(() => kernels.float32(-1)).toThrow(InvalidArgumentError);
  });
});

describe('WASM memory', () => {
  it('says so when it is used up, and serves again after free', async () => {
    const kernels = await loadKernels({ backend: 'wasm', memoryMiB: 8 });
    const half = kernels.float32(2 ** 20);
    expect(() => kernels.float32(2 ** 20)).toThrow(UnsupportedError);
    expect(() => kernels.float32(2 ** 20)).toThrow(/must fit the WASM memory of 8 MiB.*larger memoryMiB/);
    expect(() => kernels.float32(2 ** 40)).toThrow(UnsupportedError);
    kernels.free(half);
    expect(kernels.float32(2 ** 20).length).toBe(2 ** 20);
  });

  it('refuses to free what is not its own or twice', async () => {
    const kernels = await loadKernels({ backend: 'wasm', memoryMiB: 8 });
    const array = kernels.float32(4);
    kernels.free(array);
    expect(() => kernels.free(array)).toThrow(InvalidArgumentError);
    expect(() => kernels.free(new Float32Array(4))).toThrow(InvalidArgumentError);
  });

  it('reuses blocks: a thousand rounds of mixed sizes stay within 8 MiB', async () => {
    const kernels = await loadKernels({ backend: 'wasm', memoryMiB: 8 });
    for (let round = 0; round < 1000; round++) {
      const arrays = [1, 100, 1000 + (round % 7) * 100, 100_000].map((n) => kernels.float32(n));
      for (const array of arrays) kernels.free(array);
    }
    expect(kernels.float32(500_000).length).toBe(500_000);
  });
});

describe('choice of backend', () => {
  it('refuses unknown backends and bad options', async () => {
    await expect(loadKernels({ backend: 'gpu' as 'wasm' })).rejects.toThrow(
      'backend must be native or wasm; got gpu',
    );
    await expect(loadKernels({ backend: 'wasm', memoryMiB: 1 })).rejects.toThrow('memoryMiB');
    if (engines.some(({ backend }) => backend === 'native'))
      await expect(loadKernels({ backend: 'native', threads: 0 })).rejects.toThrow('threads must be');
  });

  it('always has WASM, and says why another backend does not load', async () => {
    const info = await backendInfo();
    expect(info.backends.find(({ backend }) => backend === 'wasm')?.loads).toBe(true);
    for (const { loads, reason } of info.backends) expect(loads || (reason?.length ?? 0) > 20).toBe(true);
  });
});

describe('worker threads', () => {
  it('each have kernels of their own, at the same time and one after another', async () => {
    const { Worker } = await import('node:worker_threads');
    const source = `
      import { parentPort } from 'node:worker_threads';
      import { fillNormal, keyOf, loadKernels, sumOfSquares } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
      const kernels = await loadKernels({ threads: 2 });
      const x = kernels.float32(200000);
      let sum = 0;
      for (let i = 0; i < 20; i++) { fillNormal(kernels, keyOf(1), x); sum = sumOfSquares(kernels, x); }
      parentPort.postMessage(sum);`;
    const run = () =>
      new Promise<number>((resolve, reject) => {
        const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
        worker.on('message', resolve).on('error', reject);
      });
    const sums = [...(await Promise.all([run(), run(), run()])), await run()];
    expect(new Set(sums).size).toBe(1);
    expect(sums[0]).toBeGreaterThan(198_000);
  });
});
