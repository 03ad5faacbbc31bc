import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyOf } from '@lensfield/kernels';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunChainsOptions, runChains, type TargetModule } from '../src/index.ts';

const inThread: TargetModule = {
  module: new URL('./fixtures/targets/gaussian.mjs', import.meta.url).href,
  export: 'makeGaussian',
  options: { dimension: 4 },
};
const base: RunChainsOptions = {
  target: inThread,
  numChains: 1,
  key: keyOf(5),
  numWarmup: 80,
  numSamples: 50,
};
const always = { checkpointMinutes: 1e-9 };

let folder: string;
let last: string;
let previous: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
  last = join(folder, 'chain-0.checkpoint');
  previous = `${last}.previous`;
});
afterEach(() => rmSync(folder, { recursive: true }));

async function bytesOf(options: Partial<RunChainsOptions>): Promise<Buffer> {
  const { checkpoints } = await runChains({ ...base, ...options });
  return Buffer.from(checkpoints[0]);
}

/** Goes on from what is in the folder; gives the bytes at the end and the warnings. */
async function resumed() {
  const warnings: string[] = [];
  const bytes = await bytesOf({
    checkpointFolder: folder,
    resume: true,
    onWarning: (text) => warnings.push(text),
  });
  return { bytes, warnings };
}

describe('the files of a checkpoint', () => {
  const damages: [string, () => void][] = [
    ['cut short', () => truncateSync(last, 900)],
    ['empty', () => truncateSync(last, 0)],
    [
      'with one bit turned',
      () => {
        const bytes = readFileSync(last);
        bytes[bytes.length >> 1] ^= 1;
        writeFileSync(last, bytes);
      },
    ],
    ['not yet renamed', () => renameSync(last, `${last}.writing`)],
  ];

  it.each(damages)('%s: the one before it is used, with a word about it', async (_, damage) => {
    await runChains({ ...base, numSamples: 20, checkpointFolder: folder, ...always });
    expect(readdirSync(folder).sort()).toEqual(['chain-0.checkpoint', 'chain-0.checkpoint.previous']);
    damage();
    const { bytes, warnings } = await resumed();
    expect(bytes.equals(await bytesOf({}))).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/chain-0\.checkpoint is (damaged|missing); going on from the one before it/);
  });

  it('all damaged: an error, not a fresh start', async () => {
    await runChains({ ...base, numSamples: 20, checkpointFolder: folder, ...always });
    truncateSync(last, 900);
    truncateSync(previous, 900);
    await expect(resumed()).rejects.toThrow('checkpoint must be whole');
  });

  it('of an earlier run are removed by a run that does not resume', async () => {
    const early = AbortSignal.abort();
    await runChains({ ...base, checkpointFolder: folder, ...always });
    await runChains({ ...base, key: keyOf(6), checkpointFolder: folder, signal: early });
    expect(existsSync(previous)).toBe(false);
    const { bytes } = await runChains({
      ...base,
      key: keyOf(6),
      checkpointFolder: folder,
      resume: true,
    }).then(({ checkpoints }) => ({ bytes: Buffer.from(checkpoints[0]) }));
    expect(bytes.equals(await bytesOf({ key: keyOf(6) }))).toBe(true);
  });
});

/* A device that is always full, where the system has one. */
describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  it.each(['in a thread', 'in this one'])(
    '%s: stops the chain, and the checkpoint before it stays',
    async (where) => {
      const here = await import(inThread.module).then((module) => module.makeGaussian(inThread.options));
      const target = where === 'in a thread' ? inThread : here;
      await runChains({ ...base, target, numSamples: 20, checkpointFolder: folder });
      const before = readFileSync(last);
      symlinkSync('/dev/full', `${last}.writing`);
      const failed = runChains({ ...base, target, checkpointFolder: folder, resume: true, ...always });
      await expect(failed).rejects.toThrow(
        /chain-0\.checkpoint must be a checkpoint that can be written; got ENOSPC: .*Make room there and resume/,
      );
      expect(readFileSync(last).equals(before)).toBe(true);
      expect(readdirSync(folder)).toEqual(['chain-0.checkpoint']);
      const { bytes, warnings } = await resumed();
      expect(warnings).toEqual([]);
      expect(bytes.equals(await bytesOf({}))).toBe(true);
    },
  );
});
