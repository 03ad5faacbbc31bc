import type { LogDensityAndGradient } from '@lensfield/contracts';
import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { gradientByDifferences } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import {
  adjustedMclmc,
  blockMetric,
  inGaussian,
  integrate,
  type Metric,
  mclachlan,
  velocityVerlet,
} from '../src/index.ts';
import { kineticEnergy } from '../src/momentum.ts';
import { finishChain } from '../src/run-chain.ts';
import { determinant } from './support/determinant.ts';

/** The shares of Lobatto's rule with four kicks: no error linear in what is not Gaussian below h^6 (Laskar & Robutel 2001, SBAB_3). */
const DRIFT = (5 - Math.sqrt(5)) / 10;
const lobatto = inGaussian({
  kicks: [1 / 12, 5 / 12, 5 / 12, 1 / 12],
  drifts: [DRIFT, 1 - 2 * DRIFT, DRIFT],
});

const DIMENSION = 6;
const CENTRE = Float64Array.of(1, -2, 0.5, 3, 0, -1);
const SPEED = 1.4;
const covariance = [1.5, 0.4, 0.4, 0.8];
const variances = [2, 1, 0.5, 3];
/** Dense entries are inverse masses: the covariance of the reference times the square of the speed. */
const metric: Metric = {
  ...blockMetric(
    Float64Array.from(covariance, (c) => c * SPEED ** 2),
    Float64Array.from(variances),
  ),
  reference: { centre: CENTRE, denseSpeed: SPEED },
};

/** The reference itself times exp(-e |x - centre|^4 / 4): `e` 0 is the reference. */
function nearlyGaussian(e: number): LogDensityAndGradient {
  const [a, b, , c] = covariance;
  const determinant = a * c - b * b;
  const precision = [c / determinant, -b / determinant, a / determinant];
  return (position, gradient) => {
    const d = position.map((x, i) => x - CENTRE[i]);
    gradient[0] = -(precision[0] * d[0] + precision[1] * d[1]);
    gradient[1] = -(precision[1] * d[0] + precision[2] * d[1]);
    for (let i = 2; i < DIMENSION; i++) gradient[i] = -d[i] / variances[i - 2];
    let logDensity = 0;
    for (let i = 0; i < DIMENSION; i++) logDensity += (d[i] * gradient[i]) / 2;
    const square = d.reduce((sum, x) => sum + x * x, 0);
    for (let i = 0; i < DIMENSION; i++) gradient[i] -= e * square * d[i];
    return logDensity - (e * square * square) / 4;
  };
}

function pointOf(logDensityAndGradient: LogDensityAndGradient, key: number) {
  const position = normalFloat64(keyOf(key), DIMENSION).map((x, i) => x + CENTRE[i]);
  const momentum = normalFloat64(keyOf(key + 1), DIMENSION);
  const gradient = new Float64Array(DIMENSION);
  return { position, momentum, gradient, logDensity: logDensityAndGradient(position, gradient) };
}

/** Energy error after a time of 3 in steps of a given size. */
function energyError(e: number, stepSize: number): number {
  const target = nearlyGaussian(e);
  const point = pointOf(target, 1);
  const energy = () => kineticEnergy(metric, point.momentum) - point.logDensity;
  const start = energy();
  let worst = 0;
  for (let i = 0; i < 3 / stepSize; i++) {
    integrate(target, lobatto, metric, point, stepSize);
    worst = Math.max(worst, Math.abs(energy() - start));
  }
  return worst;
}

describe('motion in a Gaussian', () => {
  it('is exact on the Gaussian, however long the step', () => {
    // Rounding of numbers of order 10.
    expect(energyError(0, 0.1)).toBeLessThan(1e-12);
    expect(energyError(0, 1.5)).toBeLessThan(1e-12);
  });

  it('returns after a full turn of the diagonal coordinates', () => {
    const target = nearlyGaussian(0);
    const point = pointOf(target, 3);
    const before = point.position.slice();
    for (let i = 0; i < 4; i++) integrate(target, lobatto, metric, point, Math.PI / 2);
    for (let i = 2; i < DIMENSION; i++) expect(Math.abs(point.position[i] - before[i])).toBeLessThan(1e-12);
    // The dense ones are elsewhere, at 1.4 turns, and back after five of the others' turns.
    expect(Math.abs(point.position[0] - before[0])).toBeGreaterThan(0.01);
    for (let i = 0; i < 16; i++) integrate(target, lobatto, metric, point, Math.PI / 2);
    for (let i = 0; i < DIMENSION; i++) expect(Math.abs(point.position[i] - before[i])).toBeLessThan(1e-11);
  });

  it('errs by the square of what is not Gaussian: ten times closer, a hundred times less', () => {
    const ratio = energyError(1e-4, 0.2) / energyError(1e-5, 0.2);
    // Higher orders are a few per cent; the part linear in e, of order h^6, is 1e-4 of it at this step.
    expect(ratio).toBeGreaterThan(80);
    expect(ratio).toBeLessThan(120);
    // One kick a step has a linear error: ten times.
    const single = (e: number) => {
      const target = nearlyGaussian(e);
      const point = pointOf(target, 1);
      const start = kineticEnergy(metric, point.momentum) - point.logDensity;
      integrate(target, inGaussian(velocityVerlet), metric, point, 0.2);
      return Math.abs(kineticEnergy(metric, point.momentum) - point.logDensity - start);
    };
    expect(single(1e-4) / single(1e-5)).toBeLessThan(12);
  });

  it('comes back when the step is reversed, and keeps phase-space volume', () => {
    const target = nearlyGaussian(0.1);
    const point = pointOf(target, 5);
    const [position, momentum] = [point.position.slice(), point.momentum.slice()];
    for (let i = 0; i < 20; i++) integrate(target, lobatto, metric, point, 0.3);
    expect(Math.abs(point.position[0] - position[0])).toBeGreaterThan(0.01);
    for (let i = 0; i < 20; i++) integrate(target, lobatto, metric, point, -0.3);
    for (let i = 0; i < DIMENSION; i++) {
      expect(Math.abs(point.position[i] - position[i])).toBeLessThan(1e-11);
      expect(Math.abs(point.momentum[i] - momentum[i])).toBeLessThan(1e-11);
    }
    const end = (start: Float64Array) => {
      const moved = {
        ...pointOf(target, 5),
        position: start.slice(0, DIMENSION),
        momentum: start.slice(DIMENSION),
      };
      moved.logDensity = target(moved.position, moved.gradient);
      integrate(target, lobatto, metric, moved, 0.7);
      return Float64Array.of(...moved.position, ...moved.momentum);
    };
    const at = Float64Array.of(...position, ...momentum);
    const rows = Array.from(at, (_, out) => [...gradientByDifferences((start) => end(start)[out], at, 1e-3)]);
    // Differences of numbers of order 10 by Richardson, good to 1e-9 or so.
    expect(Math.abs(determinant(rows) - 1)).toBeLessThan(1e-7);
  });

  it('is refused where the speed is constant or the metric is of low rank', () => {
    const target = nearlyGaussian(0);
    expect(() => adjustedMclmc(target, { stepSize: 1, metric, integrator: lobatto })).toThrow(
      "flow 'free' where the speed is constant",
    );
    expect(() => adjustedMclmc(target, { stepSize: 1, metric, integrator: mclachlan })).not.toThrow();
    const lowRank = { directions: new Float64Array(DIMENSION), variances: Float64Array.of(2) };
    expect(() => integrate(target, lobatto, { ...metric, lowRank } as Metric, pointOf(target, 1), 1)).toThrow(
      'directions of low rank',
    );
  });
});

describe('HMC in a Gaussian', () => {
  it('learns centre and dense block in warm-up, keeps the diagonal, and finds the moments', async () => {
    const target = { dimension: DIMENSION, logDensityAndGradient: nearlyGaussian(0.005) };
    const given = CENTRE.map((x, i) => (i < 2 ? 0 : x));
    const result = await finishChain(target, {
      key: keyOf(1),
      numWarmup: 500,
      numSamples: 4000,
      sampler: { kind: 'hmc', numIntegrationSteps: 3, integrator: inGaussian(mclachlan) },
      adaptation: {
        adaptMetric: 'dense',
        denseFor: 2,
        denseSpeed: 1.3,
        stepSizeGamma: 0.3,
        initialMetric: {
          ...blockMetric(Float64Array.of(1, 0, 0, 1), Float64Array.from(variances)),
          reference: { centre: given, denseSpeed: 1 },
        },
      },
    });
    const { metric: learned } = result.state.adaptation;
    expect(Array.from(learned.diagonal)).toEqual(variances);
    expect(learned.reference?.denseSpeed).toBe(1.3);
    for (let i = 0; i < 2; i++) expect(Math.abs(learned.reference!.centre[i] - CENTRE[i])).toBeLessThan(0.5);
    // The centre of what is not learned stays where it was given.
    for (let i = 2; i < DIMENSION; i++) expect(learned.reference!.centre[i]).toBe(CENTRE[i]);
    // A learned covariance of 300 draws; that of the target is at most that of the reference.
    expect(learned.dense[0] / 1.3 ** 2).toBeGreaterThan(0.5);
    expect(learned.dense[0] / 1.3 ** 2).toBeLessThan(1.7);
    // Symmetric about the centre: means within five standard errors of at least 1000 effective draws of variance at most 3.
    const numDraws = result.samples.shape[0]!;
    for (let i = 0; i < DIMENSION; i++) {
      let sum = 0;
      for (let draw = 0; draw < numDraws; draw++) sum += result.samples.data[draw * DIMENSION + i]!;
      expect(Math.abs(sum / numDraws - CENTRE[i])).toBeLessThan(5 * Math.sqrt(3 / 1000));
    }
    // The quartic wall, hit by long steps.
    expect(result.divergences.numSampling).toBeLessThan(0.01 * numDraws);
  });
});
