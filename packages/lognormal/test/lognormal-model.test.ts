import { keyOf, loadEveryKernels, loadKernels, splitKey } from '@lensfield/kernels';
import { simulatorContract } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import {
  createLognormalModel,
  FIDUCIAL_PARAMETERS,
  parameterKey,
  sbiLensShifts,
  surveyPreset,
} from '../src/index.ts';

const THETA = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));
const survey = surveyPreset('lsst-y10-demo');

for (const kernels of await loadEveryKernels({ threads: 2 })) {
  const model = createLognormalModel({ survey, kernels });
  simulatorContract(`log-normal model on ${kernels.backend}`, model, THETA, [keyOf(1), keyOf(2)]);

  describe(`log-normal model on ${kernels.backend}`, () => {
    test('convergence of the latents of a key is the simulation of that key', () => {
      const { x } = model.simulateConvergence(keyOf(3), THETA);
      expect(model.convergence(THETA, model.latentsOf(keyOf(3))).data).toEqual(x.data);
      expect(x.shape).toEqual([64, 64, 5]);
    });

    test('maps stay above minus the shift, have zero mean, and are correlated between bins', () => {
      const { data } = model.simulateConvergence(keyOf(4), THETA).x;
      const shifts = model.shifts(THETA);
      let cross = 0;
      const squares = new Float64Array(5);
      for (let i = 0; i < data.length; i += 5) {
        for (let bin = 0; bin < 5; bin++) {
          expect(data[i + bin]!).toBeGreaterThan(-shifts[bin]!);
          squares[bin]! += data[i + bin]! ** 2;
        }
        cross += data[i + 3]! * data[i + 4]!;
      }
      expect(cross / Math.sqrt(squares[3]! * squares[4]!)).toBeGreaterThan(0.8);
      /* The published standard deviation of convergence in these pixels, 0.0045 to 0.027, within the scatter of one small map. */
      expect(Math.sqrt(squares[4]! / 4096)).toBeGreaterThan(0.018);
      expect(Math.sqrt(squares[4]! / 4096)).toBeLessThan(0.04);
    });

    test('parity with the reference simulator changes shifts, spectra a little, and takes out each map variance', () => {
      const parity = createLognormalModel({ survey, kernels, parity: 'sbi_lens' });
      expect(parity.shifts(THETA)).toEqual(sbiLensShifts(THETA).values);
      const [ours, theirs] = [model.spectra(THETA), parity.spectra(THETA)];
      expect(theirs.ell).toEqual(ours.ell);
      for (let i = 0; i < ours.values.length; i++) {
        const ratio = theirs.values[i]! / ours.values[i]!;
        expect(ratio).toBeGreaterThan(0.997);
        expect(ratio).toBeLessThan(1.015);
      }
      parity.dispose();
    });

    test('what describes no universe or no field is an error that says so', () => {
      const wrong = THETA.slice();
      wrong[2] = -1;
      expect(() => model.simulate(keyOf(1), wrong)).toThrow(/sigma_8 must be finite and positive; got -1/);
      expect(() => model.simulate(keyOf(1), THETA.slice(1))).toThrow(/theta must have 6 entries/);
      expect(() => model.convergence(THETA, new Float32Array(3))).toThrow(
        /latents must have 5 x 64 x 64 values; got 3/,
      );
    });
  });
}

test('simulations are the same bytes for any number of threads', async () => {
  const maps = await Promise.all(
    [1, 2, 4].map(async (threads) => {
      const model = createLognormalModel({ survey, kernels: await loadKernels({ threads }) });
      return model.simulateWithScore(keyOf(8), THETA);
    }),
  );
  for (const other of maps.slice(1)) {
    expect(other.x.data).toEqual(maps[0]!.x.data);
    expect(other.score).toEqual(maps[0]!.score);
  }
});

test('the key for parameters is none of the keys that a simulation uses', () => {
  const [parameters, latents, noise] = splitKey(keyOf(5), 3);
  expect(parameterKey(keyOf(5))).toEqual(parameters);
  expect(latents).not.toEqual(parameters);
  expect(noise).not.toEqual(parameters);
});

test('the reference table of shifts is for five bins', async () => {
  const oneBin = {
    ...survey,
    galaxiesPerArcmin2: [27],
    redshifts: { ...survey.redshifts, numBins: 1 },
  } as typeof survey;
  const kernels = await loadKernels();
  expect(() => createLognormalModel({ survey: oneBin, kernels, parity: 'sbi_lens' })).toThrow(
    /parity must be none .* got sbi_lens and 1 bins/,
  );
  expect(createLognormalModel({ survey: oneBin, kernels }).shifts(THETA).length).toBe(1);
});
