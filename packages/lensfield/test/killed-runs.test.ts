import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { foldIn, keyOf, uniformFloat64 } from '@lensfield/kernels';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALWAYS, CLI, EXPLICIT, LENGTH, NUM_DRAWS, type SmallRun, smallRun } from './support/small-run.ts';

/** Ten with LENSFIELD_KILLS=10, in a minute or two. */
const KILLS = Number(process.env.LENSFIELD_KILLS ?? 3);
/** Names the moments; printed, because the next run has others. */
const SEED = Number(process.env.LENSFIELD_KILL_SEED ?? Date.now() % 1_000_000);

let small: SmallRun;
beforeAll(async () => {
  small = await smallRun();
});
afterAll(() => small.remove());

function start(out: string, ...more: string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...EXPLICIT, '--out', out, ...more], {
    cwd: small.folder,
    stdio: 'ignore',
  });
}

const lastOf = (out: string) => small.path(out, 'checkpoint', 'chain-0.checkpoint');

/** The draws in the last checkpoint of the first chain, read from the text at its head; 0 if there is none. */
function drawOf(out: string): number {
  for (const file of [lastOf(out), `${lastOf(out)}.previous`]) {
    try {
      return Number(/"draw":(\d+)/.exec(readFileSync(file, 'latin1'))![1]);
    } catch (error) {
      /* Not there yet, or just being renamed. */
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 0;
}

/** Sends `signal` when the run has written draw number `draw`, and `milliseconds` more; says whether the run was still at work. */
async function endedAt(
  run: ChildProcess,
  out: string,
  signal: NodeJS.Signals,
  draw: number,
  milliseconds = 0,
) {
  const exit = once(run, 'exit');
  while (drawOf(out) < draw && run.exitCode === null) await pause(1);
  await pause(milliseconds);
  const isAtWork = run.kill(signal);
  await exit;
  return isAtWork;
}

/* Runs of the command line, on a machine that may be busy. */
describe('a run that ends early goes on to the bytes of the uninterrupted one', { timeout: 300_000 }, () => {
  test(`kill -9 at ${KILLS} random moments, seed ${SEED}`, async () => {
    const [draws, waits] = [0, 1].map((stream) => uniformFloat64(foldIn(keyOf(SEED), stream), KILLS));
    const moments: string[] = [];
    for (const [kill, draw] of draws!
      .map((u) => Math.ceil((NUM_DRAWS - 2) * u))
      .sort()
      .entries()) {
      const run = start('killed', ...LENGTH, ...ALWAYS, ...(kill > 0 ? ['--resume'] : []));
      expect(await endedAt(run, 'killed', 'SIGKILL', draw, 10 * waits![kill]!)).toBe(true);
      const isWriting = existsSync(`${lastOf('killed')}.writing`);
      moments.push(`draw ${drawOf('killed')}${isWriting ? ' while writing' : ''}`);
    }
    console.log(`killed with seed ${SEED} at ${moments.join(', ')}`);
    const last = small.lensfield(...EXPLICIT, ...LENGTH, '--out', 'killed', '--resume');
    expect(last.status, last.stderr).toBe(0);
    small.expectWhole('killed');
  });

  test('Ctrl-C in the middle', async () => {
    const run = start('interrupted', ...LENGTH, ...ALWAYS);
    expect(await endedAt(run, 'interrupted', 'SIGINT', 40)).toBe(true);
    expect(drawOf('interrupted')).toBeLessThan(NUM_DRAWS);
    const last = small.lensfield(...EXPLICIT, ...LENGTH, '--out', 'interrupted', '--resume');
    expect(last.status, last.stderr).toBe(0);
    small.expectWhole('interrupted');
  });

  test('--minutes and --until-ess: the number of draws is the clock’s, the draws are the same', () => {
    const timed = small.lensfield(...EXPLICIT, '--minutes', '0.002', '--warmup', '60', '--out', 'timed');
    /* 120 ms may be too short for a result: then one line says so. */
    if (timed.status !== 0) expect(timed.stderr).toContain('Go on with --resume');
    const enough = small.lensfield(
      ...EXPLICIT,
      '--until-ess',
      '1',
      '--samples',
      '40',
      '--resume',
      '--out',
      'timed',
    );
    expect(enough.status, enough.stderr).toBe(0);
    const last = small.lensfield(...EXPLICIT, '--samples', '60', '--resume', '--out', 'timed');
    expect(last.status, last.stderr).toBe(0);
    small.expectWhole('timed');
  });
});
