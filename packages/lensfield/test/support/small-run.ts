import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeNpy } from '@lensfield/io';
import { keyOf, loadKernels } from '@lensfield/kernels';
import { createLognormalModel, FIDUCIAL_PARAMETERS } from '@lensfield/lognormal';
import { expect } from 'vitest';
import { loadSurvey } from '../../src/config/survey.ts';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Draws of every run here, warm-up included. */
export const NUM_DRAWS = 120;

/** The command of every run, less its `--out`. */
export const EXPLICIT =
  'infer explicit --survey survey.yaml --prior prior.yaml --observation map.npy --baseline-ess 50'.split(' ');
export const LENGTH = ['--warmup', '60', '--samples', '60'];
/** A checkpoint after every draw: most of the time then goes into writing them. */
export const ALWAYS = ['--checkpoint-minutes', '1e-9'];

const SURVEY = `
name: small
mapSize: 32
fieldSizeDeg: 4
galaxiesPerArcmin2: [10, 10]
sigmaE: 0.26
redshifts: { family: smail, alpha: 2, beta: 0.68, z0: 0.11, zMax: 10, numBins: 2, photoZError: 0.05 }
`;

const FILES = [
  'posterior.npz',
  'posterior.nc',
  'reconstruction.npy',
  'reconstruction-sd.npy',
  'convergence-maps.npy',
  'convergence-spectra.npz',
  'checkpoint/chain-0.checkpoint',
  'checkpoint/chain-1.checkpoint',
];

/**
 * A folder with a map of 32 x 32 pixels in two bins, its survey, a prior that leaves omega_c and sigma_8 free, and the results of an
 * uninterrupted run of two chains in `whole`.
 */
export async function smallRun() {
  const folder = mkdtempSync(join(tmpdir(), 'lensfield-small-run-'));
  const path = (...names: string[]) => join(folder, ...names);
  const lensfield = (...args: readonly string[]) =>
    spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: folder });
  writeFileSync(path('survey.yaml'), SURVEY);
  writeFileSync(path('prior.yaml'), 'omega_b: 0.0492\nh_0: 0.6727\nn_s: 0.9645\nw_0: -1\n');
  const model = createLognormalModel({
    survey: await loadSurvey(path('survey.yaml')),
    kernels: await loadKernels(),
  });
  const theta = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));
  writeFileSync(path('map.npy'), encodeNpy(model.simulate(keyOf(1), theta).x));
  const whole = lensfield(...EXPLICIT, ...LENGTH, '--out', 'whole');
  expect(whole.status, whole.stderr).toBe(0);

  const summaryOf = (out: string) => {
    const { seconds, spectra, ...rest } = JSON.parse(readFileSync(path(out, 'summary.json'), 'utf8'));
    const { seconds: ofSpectra, ...restOfSpectra } = spectra;
    return { ...rest, spectra: restOfSpectra };
  };
  return {
    folder,
    path,
    lensfield,
    /** The files of a run are to the byte those of the uninterrupted one, and its summary but for the time that it took. */
    expectWhole(out: string): void {
      for (const name of FILES) {
        const [found, wanted] = [out, 'whole'].map((run) => readFileSync(path(run, name)));
        expect(found!.equals(wanted!), `${out}/${name}`).toBe(true);
      }
      expect(summaryOf(out)).toEqual(summaryOf('whole'));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type SmallRun = Awaited<ReturnType<typeof smallRun>>;
