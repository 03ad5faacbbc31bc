import { keyOf, loadEveryKernels, normal, normalFloat64 } from '@lensfield/kernels';
import { directionalDerivative } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { createFieldEngine } from '../src/field-engine.ts';
import { type SlowModel, slowConvergence, slowLogJoint } from './slow-twin.ts';
import { standInTheory } from './stand-in-theory.ts';

const THETA = Float64Array.of(1, 1, 1, 1, 1, 1);
const NOISE = 0.02;

/* The first makes spectra of the Gaussian fields that are not positive definite everywhere: eigenvalues are clipped. */
const CASES = [
  { mapSize: 12, numBins: 5, variance: 'ensemble', fieldSizeDeg: 0.5, amplitude: 2e-9 },
  { mapSize: 12, numBins: 5, variance: 'ensemble', fieldSizeDeg: 0.5, amplitude: 3e-10 },
  { mapSize: 12, numBins: 5, variance: 'sample', fieldSizeDeg: 0.5, amplitude: 3e-10 },
  { mapSize: 15, numBins: 2, variance: 'ensemble', fieldSizeDeg: 0.6, amplitude: 1e-9 },
  { mapSize: 16, numBins: 1, variance: 'sample', fieldSizeDeg: 0.7, amplitude: 1e-9 },
  { mapSize: 16, numBins: 3, variance: 'ensemble', fieldSizeDeg: 0.7, amplitude: 3e-10 },
] as const;

describe.each(await loadEveryKernels({ threads: 2 }))('field engine on $backend', (kernels) => {
  describe.each(CASES)(
    '$mapSize^2 pixels, $numBins bins, $variance variance, amplitude $amplitude',
    (setting) => {
      const { mapSize, numBins } = setting;
      const engine = createFieldEngine({
        ...setting,
        kernels,
        noise: new Float64Array(numBins).fill(NOISE),
        theoryAt: (ell) => standInTheory(ell, numBins, setting),
      });
      const slow: SlowModel = {
        ...setting,
        noise: NOISE,
        ell: engine.ell,
        statistics: (theta) => engine.theory(theta, { jacobian: false }),
      };
      const size = numBins * mapSize * mapSize;
      const latents = normalFloat64(keyOf(mapSize), size);
      engine.latents.set(latents);
      const truth = slowConvergence(slow, THETA, latents).flatMap((map) => Array.from(map));
      const noise = normal(keyOf(3), size);
      const data = Float32Array.from(truth, (kappa, i) => 0.9 * kappa + NOISE * noise[i]!);

      test('convergence is that of the float64 twin', () => {
        const map = engine.convergence(THETA);
        const rms = Math.sqrt(truth.reduce((sum, x) => sum + x * x, 0) / size);
        expect(rms).toBeGreaterThan(0.3 * NOISE);
        // Single-precision transforms and exponential: a few 1e-7 of kappa + shift (which is of the size of rms).
        truth.forEach((kappa, i) => {
          expect(Math.abs(map[i]! - kappa)).toBeLessThan(2e-6 * (rms + Math.abs(kappa)));
        });
      });

      test('log likelihood and gradients in theta and latents are those of the float64 twin', () => {
        const gradient = new Float64Array(6);
        const value = engine.logLikelihood(THETA, data, gradient);
        const squares = engine.latents.reduce((sum, z) => sum + z * z, 0);
        const exact = slowLogJoint(slow, THETA, Float64Array.from(engine.latents), data) + squares / 2;
        expect(Math.abs(value - exact)).toBeLessThan(1e-5 * Math.abs(exact));
        const largest = Math.max(...gradient.map(Math.abs));
        for (let direction = 0; direction < 6; direction++) {
          const step = Float64Array.from({ length: 6 }, (_, i) => (i === direction ? 1 : 0));
          const slope = directionalDerivative((t) => slowLogJoint(slow, t, latents, data), THETA, step, 1e-6);
          expect(Math.abs(gradient[direction]! - slope)).toBeLessThan(
            2e-5 * Math.abs(slope) + 2e-6 * largest,
          );
        }
        for (let k = 0; k < 4; k++) {
          const step = normalFloat64(keyOf(100 + k), size);
          const slope = directionalDerivative(
            (z) => slowLogJoint(slow, THETA, z, data) + z.reduce((sum, x) => sum + (x * x) / 2, 0),
            latents,
            step,
            1e-4,
          );
          const got = step.reduce((sum, x, i) => sum + x * engine.latentGradient[i]!, 0);
          expect(Math.abs(got - slope)).toBeLessThan(2e-5 * Math.abs(slope) + 1e-3);
        }
      });
    },
  );
});
