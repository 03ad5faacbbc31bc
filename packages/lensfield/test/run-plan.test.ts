import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decidedPlan } from '../src/run/run-plan.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lensfield-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const flags = { '--sampler': 'nuts' };
const decided = (warmup: number, resume: boolean, wanted: { readonly '--warmup'?: number } = {}) =>
  decidedPlan(folder, resume, { ...flags, '--warmup': wanted['--warmup'] }, () => ({
    ...flags,
    '--warmup': warmup,
  }));

describe('the plan of a run', () => {
  test('stays when the run goes on, whatever the clock would decide now', async () => {
    expect(await decided(120, false)).toEqual({ ...flags, '--warmup': 120 });
    expect(await decided(95, true)).toEqual({ ...flags, '--warmup': 120 });
    expect(await decided(95, true, { '--warmup': 120 })).toEqual({ ...flags, '--warmup': 120 });
  });

  test('refuses a flag that says otherwise', async () => {
    await decided(120, false);
    await expect(decided(95, true, { '--warmup': 95 })).rejects.toThrow(
      '--warmup must stay 120, with which the run began; got 95. Give --warmup 120, or start anew without --resume.',
    );
  });

  test('is decided where there is nothing to go on from, and anew by a run that starts', async () => {
    expect(await decided(80, true)).toMatchObject({ '--warmup': 80 });
    writeFileSync(join(folder, 'chain-0.checkpoint'), 'of the run before');
    expect(await decided(95, false)).toMatchObject({ '--warmup': 95 });
    expect(readdirSync(folder)).toEqual(['plan.json']);
  });
});
