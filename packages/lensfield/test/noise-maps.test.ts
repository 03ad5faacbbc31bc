import { readFileSync, writeFileSync } from 'node:fs';
import { asFloat32, decodeNpy, encodeNpy } from '@lensfield/io';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXPLICIT, type SmallRun, smallRun } from './support/small-run.ts';

const LENGTH = ['--warmup', '30', '--samples', '40', '--keep-maps', '20'];
/** Whole runs with their reports, beside other tests. */
const TIMEOUT_MS = 240_000;

/** Side of the square hole in both bins; no scale of the map is much larger. */
const HOLE = 12;
const SIZE = 32;
const isMissing = (i: number) => Math.floor(i / 2 / SIZE) < HOLE && Math.floor(i / 2) % SIZE < HOLE;

describe('a map with a hole', { timeout: TIMEOUT_MS }, () => {
  let run: SmallRun;
  const read = (...names: string[]) => asFloat32(decodeNpy(readFileSync(run.path(...names))));
  beforeAll(async () => {
    run = await smallRun();
    const map = read('map.npy');
    const write = (name: string, value: (i: number) => number) =>
      writeFileSync(run.path(name), encodeNpy({ ...map, data: map.data.map((_, i) => value(i)) }));
    // What a preset's noise is: 0.26 / sqrt(10 galaxies of (7.5 arcmin)^2).
    const deviation = 0.26 / Math.sqrt(10 * 7.5 ** 2);
    write('noise.npy', (i) => (isMissing(i) ? Infinity : deviation));
    write('same-noise.npy', () => deviation);
    write('nan-in-hole.npy', (i) => (isMissing(i) ? Number.NaN : map.data[i]!));
    write('junk-in-hole.npy', (i) => (isMissing(i) ? 7 : map.data[i]!));
  }, TIMEOUT_MS);
  afterAll(() => run.remove());

  function infer(map: string, noise: string, out: string): void {
    const args = EXPLICIT.map((argument) => (argument === 'map.npy' ? map : argument));
    const done = run.lensfield(...args, ...LENGTH, '--noise', noise, '--out', out);
    expect(done.status, done.stderr).toBe(0);
  }

  test(
    'what stands in the hole does not matter, and nothing is known there',
    () => {
      infer('nan-in-hole.npy', 'noise.npy', 'nan');
      infer('junk-in-hole.npy', 'noise.npy', 'junk');
      for (const name of ['posterior.npz', 'reconstruction.npy', 'spectra-posterior.npz'])
        expect(readFileSync(run.path('nan', name)).equals(readFileSync(run.path('junk', name))), name).toBe(
          true,
        );
      const uncertainty = read('nan', 'reconstruction-sd.npy').data;
      const meanWhere = (here: (i: number) => boolean) => {
        const chosen = uncertainty.filter((_, i) => here(i));
        return chosen.reduce((sum, x) => sum + x, 0) / chosen.length;
      };
      const deepInHole = (i: number) => Math.floor(i / 2 / SIZE) % (HOLE - 2) > 2 && isMissing(i);
      expect(meanWhere(deepInHole)).toBeGreaterThan(1.2 * meanWhere((i) => !isMissing(i)));
    },
    TIMEOUT_MS,
  );

  test(
    'the noise of the survey, given pixel by pixel, is that of the survey',
    () => {
      infer('map.npy', 'same-noise.npy', 'same');
      const [given, own] = ['same', 'whole'].map((out) => read(out, 'reconstruction.npy').data);
      // Rounding of the noise sets the chains apart after some hundred steps; their means stay within their scatter.
      const [square, of] = given!.reduce(
        ([a, b], x, i) => [a! + (x - own![i]!) ** 2, b! + own![i]! ** 2],
        [0, 0],
      );
      expect(Math.sqrt(square! / of!)).toBeLessThan(0.3);
    },
    TIMEOUT_MS,
  );

  test(
    'power spectra know the hole too',
    () => {
      const args =
        '--survey survey.yaml --prior prior.yaml --observation nan-in-hole.npy --until-ess 50'.split(' ');
      const done = run.lensfield(
        'infer',
        'spectra',
        ...args,
        '--noise',
        'noise.npy',
        '--out',
        'holed-spectra',
      );
      expect(done.status, done.stderr).toBe(0);
    },
    TIMEOUT_MS,
  );
});
