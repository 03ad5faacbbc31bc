import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyOf } from '@lensfield/kernels';
import { afterAll, describe, expect, it } from 'vitest';
import { type ChainsResult, type RunChainsOptions, runChains, type TargetModule } from '../src/index.ts';
import { independentGaussian } from './support/targets.ts';

const module = new URL('./fixtures/targets/gaussian.mjs', import.meta.url).href;
const inThreads: TargetModule = { module, export: 'makeGaussian', options: { dimension: 4 } };
const here = { ...independentGaussian([1, 2, 3, 4]), initialPosition: () => new Float64Array(4).fill(0.5) };
const base: RunChainsOptions = {
  target: inThreads,
  numChains: 3,
  key: keyOf(5),
  numWarmup: 80,
  numSamples: 50,
};
const folder = mkdtempSync(join(tmpdir(), 'chains-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bytesOf = ({ checkpoints }: ChainsResult) =>
  checkpoints.map((bytes) => Buffer.from(bytes).toString('base64'));

describe('runChains', () => {
  it('gives the same bytes in this thread and in any number of others, whatever the number of chains', async () => {
    const [one, two, alone, later] = await Promise.all([
      runChains({ ...base, workers: 1 }),
      runChains({ ...base, workers: 3 }),
      runChains({ ...base, target: here }),
      runChains({ ...base, target: { ...inThreads, export: 'makeLater' }, numChains: 2 }),
    ]);
    expect(bytesOf(two)).toEqual(bytesOf(one));
    expect(bytesOf(alone)).toEqual(bytesOf(one));
    expect(bytesOf(later)).toEqual(bytesOf(one).slice(0, 2));
    expect(one.samples.shape).toEqual([3, 50, 4]);
    expect(one.samples).toEqual(alone.samples);
    expect(new Set(bytesOf(one)).size).toBe(3);
  });

  it.each([
    ['in threads', () => inThreads],
    ['in this thread', () => here],
  ])('hands on the draws after warm-up as they come, %s', async (_, targetOf) => {
    const heard: number[][] = [[], [], []];
    const { chains } = await runChains({
      ...base,
      target: targetOf(),
      onDraws: (chain, { shape, data }) => {
        expect(data.length).toBe(shape[0]! * shape[1]!);
        heard[chain]!.push(...data);
      },
    });
    expect(heard).toEqual(chains.map(({ samples }) => Array.from(samples.data)));
  });

  it('stops at a signal with checkpoints in the folder, and goes on from them to the same bytes', async () => {
    const target = { ...inThreads, options: { dimension: 4, slowMs: 0.5 } };
    const controller = new AbortController();
    const stopped = await runChains({
      ...base,
      target,
      workers: 2,
      checkpointFolder: folder,
      signal: controller.signal,
      onProgress: (_, { draw }) => draw > 5 && controller.abort(),
    });
    expect(stopped.chains.map(({ stopReason }) => stopReason)).toEqual(['aborted', 'aborted', 'aborted']);
    expect(readdirSync(folder).sort()).toEqual([
      'chain-0.checkpoint',
      'chain-1.checkpoint',
      'chain-2.checkpoint',
    ]);
    const resumed = await runChains({ ...base, target: here, checkpointFolder: folder, resume: true });
    const whole = await runChains({ ...base, target: here });
    expect(bytesOf(resumed)).toEqual(bytesOf(whole));
    expect(bytesOf(await runChains({ ...base, resume: stopped.checkpoints }))).toEqual(bytesOf(whole));
  });

  it('keeps within its minutes also when chains wait for a worker', async () => {
    const start = performance.now();
    const result = await runChains({ ...base, numSamples: 1e9, workers: 1, minutes: 1.2 / 60 });
    expect(result.chains.map(({ stopReason }) => stopReason)).toEqual(['time', 'time', 'time']);
    const shortest = Math.min(...result.chains.map(({ samples }) => samples.shape[0]));
    expect(result.samples.shape).toEqual([3, shortest, 4]);
    // 1.2 s and the start of three threads, on a busy machine.
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('hands on what goes wrong in a thread, as the same kind of error', async () => {
    const run = (target: TargetModule) => runChains({ ...base, target, numChains: 2 });
    await expect(run({ module, export: 'makeNaN' })).rejects.toMatchObject({
      code: 'NUMERICAL',
      quantity: 'logDensity',
    });
    await expect(run({ module, export: 'makeThrower' })).rejects.toThrow('the model broke');
    await expect(run({ module, export: 'notAFunction' })).rejects.toThrow('export must be a function of');
    await expect(run({ module: 'file:///nowhere.mjs', export: 'x' })).rejects.toMatchObject({
      argument: 'module',
    });
  });

  it('refuses options out of range', async () => {
    await expect(runChains({ ...base, numChains: 0 })).rejects.toThrow(
      'numChains must be a whole number of at least 1; got 0',
    );
    await expect(runChains({ ...base, workers: 0 })).rejects.toThrow('workers must be');
    await expect(runChains({ ...base, resume: true })).rejects.toThrow(
      'resume must come with a checkpointFolder',
    );
    await expect(runChains({ ...base, resume: [] })).rejects.toThrow('one checkpoint per chain, 3; got 0');
    await expect(
      runChains({ ...base, checkpointFolder: join(import.meta.filename, 'below') }),
    ).rejects.toMatchObject({
      argument: 'checkpointFolder',
    });
  });
});
