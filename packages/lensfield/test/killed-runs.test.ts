import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeNpy, readNpz } from '@lensfield/io';
import { foldIn, keyOf, uniformFloat64 } from '@lensfield/kernels';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Ten with LENSFIELD_KILLS=10, in a minute or two. */
const KILLS = Number(process.env.LENSFIELD_KILLS ?? 3);
/** Names the moments; printed, because the next run has others. */
const SEED = Number(process.env.LENSFIELD_KILL_SEED ?? Date.now() % 1_000_000);

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lensfield-killed-'));
const path = (...names: string[]) => join(folder, ...names);
const explicit = 'infer explicit --survey survey.yaml --prior prior.yaml --observation map.npy'.split(' ');
/* A checkpoint after every draw: most of the time goes into writing them, so that many kills fall into it. */
const always = ['--checkpoint-minutes', '1e-9'];
const length = ['--warmup', '60', '--samples', '60'];

function lensfield(...args: readonly string[]) {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: folder });
}

beforeAll(async () => {
  writeFileSync(
    path('survey.yaml'),
    'name: small\nmapSize: 32\nfieldSizeDeg: 4\ngalaxiesPerArcmin2: [10, 10]\nsigmaE: 0.26\n' +
      'redshifts: { family: smail, alpha: 2, beta: 0.68, z0: 0.11, zMax: 10, numBins: 2, photoZError: 0.05 }\n',
  );
  writeFileSync(path('prior.yaml'), 'omega_b: 0.0492\nh_0: 0.6727\nn_s: 0.9645\nw_0: -1\n');
  const simulated = lensfield('simulate', '--survey', 'survey.yaml', '--count', '1', '--out', 'simulations');
  expect(simulated.status, simulated.stderr).toBe(0);
  const { maps } = await readNpz(path('simulations/simulations.npz'), { names: ['maps'] });
  writeFileSync(
    path('map.npy'),
    encodeNpy({ shape: [32, 32, 2], data: (maps!.data as Float32Array).slice(0, 2048) }),
  );
  const whole = lensfield(...explicit, ...length, '--out', 'whole');
  expect(whole.status, whole.stderr).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FILES = [
  'posterior.npz',
  'reconstruction.npy',
  'reconstruction-sd.npy',
  'convergence-maps.npy',
  'convergence-spectra.npz',
  'checkpoint/chain-0.checkpoint',
  'checkpoint/chain-1.checkpoint',
];

/** The files of a run are to the byte those of the uninterrupted one, and its summary but for the time that it took. */
function expectWhole(out: string): void {
  for (const name of FILES) {
    expect(readFileSync(path(out, name)).equals(readFileSync(path('whole', name))), `${out}/${name}`).toBe(
      true,
    );
  }
  const summaryOf = (run: string) => {
    const { seconds, ...rest } = JSON.parse(readFileSync(path(run, 'summary.json'), 'utf8'));
    return rest;
  };
  expect(summaryOf(out)).toEqual(summaryOf('whole'));
}

function start(out: string, ...more: string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...explicit, '--out', out, ...more], { cwd: folder, stdio: 'ignore' });
}

const lastOf = (out: string) => path(out, 'checkpoint', 'chain-0.checkpoint');

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

describe('a run that ends early goes on to the bytes of the uninterrupted one', () => {
  test(`kill -9 at ${KILLS} random moments, seed ${SEED}`, async () => {
    const [draws, waits] = [0, 1].map((stream) => uniformFloat64(foldIn(keyOf(SEED), stream), KILLS));
    const moments: string[] = [];
    for (const [kill, draw] of draws!
      .map((u) => Math.ceil(118 * u))
      .sort()
      .entries()) {
      const run = start('killed', ...length, ...always, ...(kill > 0 ? ['--resume'] : []));
      expect(await endedAt(run, 'killed', 'SIGKILL', draw, 10 * waits![kill]!)).toBe(true);
      const isWriting = existsSync(`${lastOf('killed')}.writing`);
      moments.push(`draw ${drawOf('killed')}${isWriting ? ' while writing' : ''}`);
    }
    console.log(`killed with seed ${SEED} at ${moments.join(', ')}`);
    const last = lensfield(...explicit, ...length, '--out', 'killed', '--resume');
    expect(last.status, last.stderr).toBe(0);
    expectWhole('killed');
  }, 300_000);

  test('Ctrl-C in the middle', async () => {
    const run = start('interrupted', ...length, ...always);
    expect(await endedAt(run, 'interrupted', 'SIGINT', 40)).toBe(true);
    expect(drawOf('interrupted')).toBeLessThan(120);
    const last = lensfield(...explicit, ...length, '--out', 'interrupted', '--resume');
    expect(last.status, last.stderr).toBe(0);
    expectWhole('interrupted');
  });

  test('--minutes and --until-ess: the number of draws is the clock’s, the draws are the same', () => {
    const timed = lensfield(...explicit, '--minutes', '0.002', '--warmup', '60', '--out', 'timed');
    /* 120 ms may be too short for a result: then one line says so. */
    if (timed.status !== 0) expect(timed.stderr).toContain('Go on with --resume');
    const enough = lensfield(
      ...explicit,
      '--until-ess',
      '1',
      '--samples',
      '40',
      '--resume',
      '--out',
      'timed',
    );
    expect(enough.status, enough.stderr).toBe(0);
    const last = lensfield(...explicit, '--samples', '60', '--resume', '--out', 'timed');
    expect(last.status, last.stderr).toBe(0);
    expectWhole('timed');
  });
});
