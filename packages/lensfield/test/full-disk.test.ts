import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALWAYS, CLI, EXPLICIT, LENGTH, type SmallRun, smallRun } from './support/small-run.ts';

let small: SmallRun;
beforeAll(async () => {
  small = await smallRun();
});
afterAll(() => small.remove());

const shell = (script: string) =>
  spawnSync('sh', ['-c', script], { encoding: 'utf8', cwd: small.folder, timeout: 120_000 });
const command = (...more: readonly string[]) =>
  [process.execPath, CLI, ...EXPLICIT, ...LENGTH, ...more].map((word) => `'${word}'`).join(' ');

/** The one line of an error on standard error, among those of the progress bar. */
const errorOf = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('lensfield: '));

/** A small disk of one's own needs a user name space, which some systems refuse. */
const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

/* Runs of the command line, on a machine that may be busy. */
describe('a full disk', { timeout: 180_000 }, () => {
  test.skipIf(!canMount)('of its own, in the middle of the chains: one line, and more room is enough', () => {
    /* Two checkpoints of about 220 kB each fit, a third and fourth do not. */
    const script = `
      mkdir disk && mount -t tmpfs -o size=700k tmpfs disk
      ${command('--out', 'disk', ...ALWAYS)}
      echo "code $?"
      ls disk/checkpoint
      mount -o remount,size=50m disk
      ${command('--out', 'disk', '--resume')}
      echo "code $?"
      cp -r disk saved`;
    const { stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script], {
      encoding: 'utf8',
      cwd: small.folder,
    });
    expect(stdout).toMatch(/^code 1$/m);
    expect(stdout).toMatch(/^chain-0\.checkpoint$/m);
    expect(stdout).not.toContain('writing');
    expect(errorOf(stderr)).toEqual([
      expect.stringMatching(
        /chain-[01]\.checkpoint must be a checkpoint that can be written; got ENOSPC: .*\. Make room there and resume: the checkpoints before it are kept\.$/,
      ),
    ]);
    expect(stdout).toMatch(/^code 0$/m);
    small.expectWhole('saved');
  });

  test.skipIf(process.platform === 'win32')('or a limit of file sizes, at the results: the same', () => {
    /* In blocks of 512 bytes: above the checkpoints of some 300 kB, below the maps of some 490 kB. */
    const failed = shell(`ulimit -f 700; exec ${command('--out', 'limited')}`);
    expect(failed.status).toBe(1);
    expect(errorOf(failed.stderr)).toEqual([
      expect.stringMatching(
        /limited\/\S+ must be a file that can be written; got a file beyond the size limit\. Raise the limit or choose another folder\.$/,
      ),
    ]);
    expect(existsSync(small.path('limited/convergence-maps.npy'))).toBe(false);
    const resumed = shell(command('--out', 'limited', '--resume'));
    expect(resumed.status, resumed.stderr).toBe(0);
    small.expectWhole('limited');
  });
});
