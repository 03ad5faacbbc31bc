import { keyOf, loadKernels, normalFloat64 } from '@lensfield/kernels';
import { createLognormalModel, FIDUCIAL_PARAMETERS, surveyPreset } from '@lensfield/lognormal';
import { paperPrior, priorOf } from '@lensfield/sbi';
import { describe, expect, test } from 'vitest';
import { bandPowersOf, createBandTheory } from '../../src/recipes/spectra/band-powers.ts';
import { createSpectraDensity } from '../../src/recipes/spectra/spectra-density.ts';
import { fitSpectra, localPosterior } from '../../src/recipes/spectra/spectra-fit.ts';
import { wishartLikelihood } from '../../src/recipes/spectra/wishart-likelihood.ts';

const survey = surveyPreset('lsst-y10-demo');
const kernels = await loadKernels({ threads: 1 });
const model = createLognormalModel({ survey, kernels });
const truth = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));
const measured = bandPowersOf(survey, { observation: model.simulate(keyOf(5), truth).x });
const theory = createBandTheory(survey, 'none', measured.noise);
const prior = paperPrior();
const fit = fitSpectra(theory, measured, prior, new Float64Array(6));

/** Richardson's central difference of a function of one coordinate. */
function slope(f: (x: number) => number, step: number): number {
  const central = (h: number) => (f(h) - f(-h)) / (2 * h);
  return (4 * central(step / 2) - central(step)) / 3;
}

describe('the density', () => {
  const density = createSpectraDensity(theory, measured, prior, fit.covariance);

  test('has the gradient of its values, at the fit and away from it', () => {
    for (const scale of [0, 0.7]) {
      const at = normalFloat64(keyOf(2), 6).map((z, a) => fit.unconstrained[a]! + scale * z);
      const gradient = new Float64Array(6);
      density(at, gradient);
      gradient.forEach((value, a) => {
        const difference = slope((h) => density(at.with(a, at[a]! + h), new Float64Array(6)), 1e-2);
        // Rounding of log densities of a few hundred over the step, and the fourth order of the step: 1e-8.
        expect(Math.abs(value - difference)).toBeLessThan(1e-6 * (1 + Math.abs(difference)));
      });
    }
  });

  test('leaves out fixed parameters', () => {
    const two = priorOf({ ...prior.specification, omega_b: 0.0492, h_0: 0.6727, n_s: 0.9645, w_0: -1 });
    const of = createSpectraDensity(theory, measured, two, fit.covariance);
    const at = Float64Array.of(0.1, -0.2);
    const gradient = new Float64Array(2);
    of(at, gradient);
    const difference = slope((h) => of(at.with(1, -0.2 + h), new Float64Array(2)), 1e-2);
    expect(gradient[1]! / difference).toBeCloseTo(1, 6);
  });

  test('is minus infinity with no slope where there is no universe', () => {
    const flat = priorOf({ ...prior.specification, sigma_8: { distribution: 'uniform', low: -1, high: 1 } });
    const gradient = new Float64Array(6).fill(1);
    const of = createSpectraDensity(theory, measured, flat, fit.covariance);
    expect(of(Float64Array.of(0, 0, -1, 0, 0, 0), gradient)).toBe(-Infinity);
    expect(Array.from(gradient)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('the fit', () => {
  test('is the mode of the Gaussian posterior with its own covariance and of that of Gaussian fields', () => {
    const local = localPosterior(theory, measured, prior, fit.unconstrained);
    // The fit ends within a thousandth of a standard deviation; a slope is that times the root of the curvature, below 10 here.
    for (const value of local.gradient) expect(Math.abs(value)).toBeLessThan(0.02);
    const wishart = wishartLikelihood(theory, measured);
    const logPosterior = (u: Float64Array) =>
      wishart(prior.fromUnconstrained(u).theta) - 0.5 * u.reduce((sum, x) => sum + x * x, 0);
    fit.unconstrained.forEach((u, a) => {
      const value = slope((h) => logPosterior(fit.unconstrained.with(a, u + h)), 1e-2);
      expect(Math.abs(value - local.gradient[a]!)).toBeLessThan(1e-3);
    });
  });

  test('does not depend on where it begins', () => {
    const other = fitSpectra(theory, measured, prior, Float64Array.of(-0.8, 1, 0.9, -1, 1, -0.5));
    other.unconstrained.forEach((u, a) => {
      // Both are within a thousandth of a posterior standard deviation of the mode, which is at most one.
      expect(Math.abs(u - fit.unconstrained[a]!)).toBeLessThan(2e-3);
    });
  });

  test('prefers the truth to amplitudes ten widths away, by the exact likelihood', () => {
    const likelihood = wishartLikelihood(theory, measured);
    const at = (sigma8: number) => likelihood(truth.with(2, sigma8));
    // The spectra of this map know sigma_8 at fixed other parameters to about 0.03: 0.3 is ten of that, 50 in the logarithm.
    expect(at(0.831) - at(1.131)).toBeGreaterThan(10);
    expect(at(0.831) - at(0.531)).toBeGreaterThan(10);
  });
});
