import type { Prior } from '@lensfield/contracts';
import { type Kernels, keyOf, loadEveryKernels, normalFloat64, splitKey } from '@lensfield/kernels';
import { directionalDerivative } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { createJointDensity, createLognormalModel, FIDUCIAL_PARAMETERS, surveyPreset } from '../src/index.ts';
import { normalPrior, SPREAD } from './normal-prior.ts';
import { type SlowModel, slowLogJoint } from './slow-twin.ts';

const ALL = Object.keys(FIDUCIAL_PARAMETERS);
const TRUTH = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));
const LSST = surveyPreset('lsst-y10');

interface Setting {
  readonly mapSize: number;
  readonly names: readonly string[];
  readonly parity: 'none' | 'sbi_lens';
  readonly oneBin?: boolean;
}

function densityOf(kernels: Kernels, { mapSize, names, parity, oneBin = false }: Setting) {
  const z = Array.from({ length: 60 }, (_, i) => i / 20);
  const survey = {
    ...LSST,
    mapSize,
    fieldSizeDeg: (mapSize * 10) / 256,
    ...(oneBin && {
      galaxiesPerArcmin2: [20],
      redshifts: { family: 'table' as const, z, density: [z.map((x) => x * x * Math.exp(-x / 0.3))] },
    }),
  };
  const model = createLognormalModel({ survey, kernels, parity });
  const { x: observation } = model.simulate(keyOf(5), TRUTH);
  const density = createJointDensity({ model, prior: normalPrior(names), observation });
  const u = normalFloat64(keyOf(6), names.length).map((v) => 0.3 * v);
  const latents = normalFloat64(keyOf(7), density.numLatents);
  return { model, observation, density, position: Float64Array.from([...u, ...latents]) };
}

describe.each(await loadEveryKernels({ threads: 2 }))('joint density on $backend', (kernels) => {
  describe.each<Setting>([
    { mapSize: 12, names: ALL, parity: 'none' },
    { mapSize: 12, names: ALL, parity: 'sbi_lens' },
    { mapSize: 16, names: ['sigma_8', 'omega_c'], parity: 'none', oneBin: true },
  ])('$mapSize^2 pixels, $names, parity $parity', (setting) => {
    const { model, observation, density, position } = densityOf(kernels, setting);
    const n = density.numParameters;
    const { mapSize } = setting;
    const data = new Float32Array(density.numLatents);
    observation.data.forEach((value, i) => {
      data[(i % model.numBins) * mapSize ** 2 + Math.floor(i / model.numBins)] = value;
    });
    const twin: SlowModel = {
      mapSize,
      fieldSizeDeg: model.survey.fieldSizeDeg,
      numBins: model.numBins,
      noise: model.noiseStandardDeviations[0]!,
      variance: setting.parity === 'none' ? 'ensemble' : 'sample',
      ell: model.engine.ell,
      statistics: (theta) => {
        const { spectra, shifts } = model.engine.theory(theta, { jacobian: false });
        return { spectra: spectra.slice(), shifts: shifts.slice() };
      },
    };
    const slow = (p: Float64Array) => {
      const squares = p.subarray(0, n).reduce((sum, v) => sum + v * v, 0);
      return slowLogJoint(twin, density.cosmologyOf(p), p.slice(n), data) - squares / 2;
    };

    test('value and gradient in 20 random directions are those of the float64 twin', () => {
      const gradient = new Float64Array(position.length);
      const value = density.logDensityAndGradient(position, gradient);
      expect(Math.abs(value / slow(position) - 1)).toBeLessThan(1e-6);
      for (let k = 0; k < 20; k++) {
        /* The first half in the parameters, then latents, then all coordinates. */
        const direction = normalFloat64(keyOf(20 + k), position.length);
        if (k < 10) direction.fill(0, n);
        else if (k < 15) direction.fill(0, 0, n);
        const slope = directionalDerivative(slow, position, direction, 1e-4);
        const got = direction.reduce((sum, v, i) => sum + v * gradient[i]!, 0);
        const scale = Math.hypot(...direction.map((v, i) => v * gradient[i]!));
        expect(Math.abs(got - slope)).toBeLessThan(1e-4 * Math.max(Math.abs(slope), scale));
      }
    });
  });

  test('64^2 x 5: the gradient is that of differences of the density itself', () => {
    const { density, position } = densityOf(kernels, { mapSize: 64, names: ALL, parity: 'none' });
    const gradient = new Float64Array(position.length);
    const scratch = new Float64Array(position.length);
    density.logDensityAndGradient(position, gradient);
    const value = (p: Float64Array) => density.logDensityAndGradient(p, scratch);
    for (let k = 0; k < 20; k++) {
      /* Along the gradient, randomly weighted, so that the change stands out of rounding (1e-3 at a step of 1e-3). */
      const random = normalFloat64(keyOf(50 + k), position.length);
      const norm = Math.hypot(...gradient);
      const direction = gradient.map((g, i) => (g / norm) * (1 + 0.5 * random[i]!));
      const slope = directionalDerivative(value, position, direction, 3e-3);
      const got = direction.reduce((sum, v, i) => sum + v * gradient[i]!, 0);
      expect(Math.abs(got / slope - 1)).toBeLessThan(1e-4);
    }
  });

  test('the score is the gradient in theta with map and latents held', () => {
    const { model } = densityOf(kernels, { mapSize: 12, names: ALL, parity: 'none' });
    const key = keyOf(9);
    const { x, score } = model.simulateWithScore(key, TRUTH);
    const density = createJointDensity({ model, prior: normalPrior(ALL), observation: x });
    const position = density.positionOf(TRUTH, model.latentsOf(key));
    const gradient = new Float64Array(position.length);
    density.logDensityAndGradient(position, gradient);
    /* du = J^T dtheta - u, and u = 0 at the truth. */
    for (let j = 0; j < 6; j++) {
      const spread = SPREAD[ALL[j]!]!;
      const next = j < 5 ? (SPREAD[ALL[j + 1]!]! / 4) * score[j + 1]! : 0;
      expect(Math.abs(gradient[j]! - spread * score[j]! - next)).toBeLessThan(
        1e-6 * Math.hypot(spread * score[j]!, next) + 1e-9,
      );
    }
  });

  test('where the model has no meaning: -Infinity, a zero gradient, and the reason is kept', () => {
    const { density, position } = densityOf(kernels, { mapSize: 12, names: ALL, parity: 'none' });
    const gradient = new Float64Array(position.length).fill(1);
    const wrong = position.slice();
    wrong[2] = -30;
    expect(density.logDensityAndGradient(wrong, gradient)).toBe(-Infinity);
    expect(gradient.every((g) => g === 0)).toBe(true);
    expect(density.rejections().count).toBe(1);
    expect(density.rejections().last).toMatch(/sigma_8/);
    wrong[2] = Number.NaN;
    expect(density.logDensityAndGradient(wrong, gradient)).toBe(-Infinity);
  });

  test('same bytes again, and after other uses of the model', () => {
    const { model, density, position } = densityOf(kernels, { mapSize: 15, names: ALL, parity: 'none' });
    const [one, two] = [new Float64Array(position.length), new Float64Array(position.length)];
    const first = density.logDensityAndGradient(position, one);
    model.simulate(splitKey(keyOf(1), 2)[0]!, TRUTH);
    expect(density.logDensityAndGradient(position, two)).toBe(first);
    expect(two).toEqual(one);
  });

  test('wrong input is refused', () => {
    const { model, observation } = densityOf(kernels, { mapSize: 12, names: ALL, parity: 'none' });
    const create =
      (prior: Prior, map = observation) =>
      () =>
        createJointDensity({ model, prior, observation: map });
    expect(create({ ...normalPrior(['w_0']), names: ['w0'] })).toThrow(
      /must name parameters of the model.*w0/,
    );
    expect(create(normalPrior(ALL), { shape: [12, 12, 4], data: observation.data })).toThrow(
      /observation must have shape \[12, 12, 5\]; got \[12, 12, 4\]/,
    );
    const data = observation.data.slice();
    data[7] = Number.NaN;
    expect(create(normalPrior(ALL), { shape: [12, 12, 5], data })).toThrow(
      /observation must be finite; got NaN at element 7/,
    );
  });
});
