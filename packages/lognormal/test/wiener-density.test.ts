import { keyOf, loadEveryKernels, normal, normalFloat64 } from '@lensfield/kernels';
import { directionalDerivative } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { spectrumNodes } from '../src/spectrum-nodes.ts';
import { createWienerEngine } from '../src/wiener/wiener-engine.ts';
import { type SlowModel, slowConvergence } from './slow-twin.ts';
import { slowWienerLogJoint } from './slow-wiener.ts';
import { standInTheory } from './stand-in-theory.ts';

const THETA = Float64Array.of(1, 1, 1, 1, 1, 1);
const NOISE = 0.02;

const CASES = [
  { mapSize: 8, numBins: 3, variance: 'ensemble', fieldSizeDeg: 0.35, amplitude: 3e-10 },
  { mapSize: 8, numBins: 3, variance: 'sample', fieldSizeDeg: 0.35, amplitude: 3e-10 },
  { mapSize: 9, numBins: 2, variance: 'ensemble', fieldSizeDeg: 0.4, amplitude: 1e-10 },
  { mapSize: 10, numBins: 1, variance: 'sample', fieldSizeDeg: 0.4, amplitude: 1e-10 },
  { mapSize: 9, numBins: 2, variance: 'sample', fieldSizeDeg: 0.4, amplitude: 1e-10, isLinearised: true },
  /* A third of the pixels noisier, every seventh without data. */
  {
    mapSize: 8,
    numBins: 2,
    variance: 'ensemble',
    fieldSizeDeg: 0.35,
    amplitude: 3e-10,
    isPatchy: true,
    isLinearised: true,
  },
] as const;

const noiseAt = (pixel: number) => (pixel % 7 === 2 ? Infinity : pixel % 3 === 0 ? 2 * NOISE : NOISE);

describe.each(await loadEveryKernels({ threads: 2 }))(
  'density in Wiener coordinates on $backend',
  (kernels) => {
    describe.each(CASES)(
      '$mapSize^2 pixels, $numBins bins, $variance variance, linearised $isLinearised, patchy $isPatchy',
      (setting) => {
        const { mapSize, numBins } = setting;
        const size = numBins * mapSize * mapSize;
        const { ell } = spectrumNodes(setting);
        const theory = standInTheory(ell, numBins, setting);
        const isPatchy = 'isPatchy' in setting;
        const pixelNoise = Float64Array.from({ length: size }, (_, i) => (isPatchy ? noiseAt(i) : NOISE));
        const slow: SlowModel = {
          ...setting,
          noise: NOISE,
          pixelNoise,
          ell,
          statistics: (theta) => theory(theta, { jacobian: false }),
        };
        const truth = slowConvergence(slow, THETA, normalFloat64(keyOf(1), size)).flatMap((map) =>
          Array.from(map),
        );
        const noise = normal(keyOf(3), size);
        const data = kernels.float32(size);
        data.set(truth.map((kappa, i) => kappa + NOISE * noise[i]!));
        const inverseNoise = kernels.float32(size);
        inverseNoise.set(pixelNoise.map((deviation) => 1 / deviation));
        const scaled = kernels.float32(size);
        scaled.set(data.map((x, i) => x * inverseNoise[i]!));
        const engine = createWienerEngine({
          ...setting,
          kernels,
          theoryAt: (at) => standInTheory(at, numBins, setting),
          data: { data: scaled, inverseNoise },
        });
        if ('isLinearised' in setting) engine.linearise(THETA);
        const latents = Float64Array.from(normal(keyOf(4), size));
        const moved = Float64Array.of(1.1, 0.9, 1.2, 1.05, 0.9, 1.1);

        const valueAt = (theta: Float64Array, z: Float64Array, gradient = new Float64Array(6)) => {
          engine.latents.set(z);
          return engine.logLikelihood(theta, gradient) - z.reduce((sum, x) => sum + (x * x) / 2, 0);
        };

        test('differs between positions as the float64 twin, Jacobian included', () => {
          const other = Float64Array.from(normal(keyOf(5), size));
          const here = valueAt(THETA, latents);
          const exact = slowWienerLogJoint(slow, THETA, latents, data, engine.linear);
          for (const [theta, z] of [
            [THETA, other],
            [moved, latents],
            [moved, other],
          ] as const) {
            const difference = slowWienerLogJoint(slow, theta, z, data, engine.linear) - exact;
            /* Pixels of order 1 in float32. */
            expect(Math.abs(valueAt(theta, z) - here - difference)).toBeLessThan(
              2e-6 * size + 1e-6 * Math.abs(difference),
            );
            expect(Math.abs(difference)).toBeGreaterThan(0.2);
          }
        });

        test('gradients in theta and latents are those of the twin', () => {
          const gradient = new Float64Array(6);
          valueAt(moved, latents, gradient);
          const latentGradient = engine.latentGradient.slice();
          const largest = Math.max(...gradient.map(Math.abs));
          for (let parameter = 0; parameter < 6; parameter++) {
            const step = Float64Array.from({ length: 6 }, (_, i) => Number(i === parameter));
            const slope = directionalDerivative(
              (t) => slowWienerLogJoint(slow, t, latents, data, engine.linear),
              moved,
              step,
              1e-5,
            );
            expect(Math.abs(gradient[parameter]! - slope)).toBeLessThan(
              2e-5 * Math.abs(slope) + 5e-6 * largest,
            );
          }
          for (let k = 0; k < 3; k++) {
            const step = normalFloat64(keyOf(100 + k), size);
            const slope = directionalDerivative(
              (z) => slowWienerLogJoint(slow, moved, z, data, engine.linear),
              latents,
              step,
              1e-4,
            );
            const got = step.reduce((sum, x, i) => sum + x * (latentGradient[i]! - latents[i]!), 0);
            expect(Math.abs(got - slope)).toBeLessThan(2e-5 * Math.abs(slope) + 1e-3);
          }
        });

        test('the mean of the latents is the Wiener-filtered map, and fits the data better than none', () => {
          engine.latents.fill(0);
          const map = engine.convergence(THETA);
          const misfit = (at: (i: number) => number) =>
            truth.reduce((sum, kappa, i) => sum + (kappa - at(i)) ** 2, 0);
          expect(misfit((i) => map[i]!)).toBeLessThan((isPatchy ? 1 : 0.9) * misfit(() => 0));
        });
      },
    );
  },
);
