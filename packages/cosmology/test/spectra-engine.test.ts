import { InvalidArgumentError, keyOf, normalCdf, normalQuantile, uniformFloat64 } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { createSpectraEngine, tabulatedDistribution } from '../src/index.ts';
import { lsstBins, referencePoints, worst } from './_ccl.ts';

const LOW = 10;
const logSpaced = (low: number, high: number, n: number) =>
  Array.from({ length: n }, (_, i) => low * (high / low) ** (i / (n - 1)));

/** Draws of the prior of the benchmark papers: normal, omega_c cut at 0, w_0 at -2 and -0.3. */
function priorDraws(n: number): number[][] {
  const mean = [0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1];
  const sd = [0.2, 0.006, 0.14, 0.063, 0.08, 0.9];
  const low = [0, -Infinity, -Infinity, -Infinity, -Infinity, -2];
  const high = [Infinity, Infinity, Infinity, Infinity, Infinity, -0.3];
  const u = uniformFloat64(keyOf(3), 6 * n);
  return Array.from({ length: n }, (_, k) =>
    mean.map((m, p) => {
      const [from, to] = [normalCdf((low[p] - m) / sd[p]), normalCdf((high[p] - m) / sd[p])];
      return m + sd[p] * normalQuantile(from + (to - from) * u[6 * k + p]);
    }),
  );
}

describe('createSpectraEngine', () => {
  it('has converged in slices and nodes: 6e-4 at the six points, 3.5e-4 for ell above 400', () => {
    const ell = logSpaced(LOW, 9000, 60);
    const engine = createSpectraEngine({ bins: lsstBins, ell, waveRange: [0.1, 1e5] });
    const fine = createSpectraEngine({ bins: lsstBins, ell, numSlices: 160, nodeSpacing: 0.05 });
    for (const { theta } of referencePoints) {
      const values = engine.evaluate(theta).spectra.values;
      const truth = fine.evaluate(theta).spectra.values;
      // Baryon oscillations at k = ell / chi are what slices (low ell) and nodes (between) have to follow.
      expect(worst(values, truth)).toBeLessThan(6e-4);
      const small = (_: number, i: number) => ell[i % ell.length] > 400;
      expect(worst(values.filter(small), truth.filter(small))).toBeLessThan(3.5e-4);
    }
  });

  it('is finite and positive over 500 draws of the prior', () => {
    const engine = createSpectraEngine({ bins: lsstBins, ell: logSpaced(LOW, 13000, 40) });
    for (const theta of priorDraws(500)) {
      // The engine itself throws where a spectrum or its Jacobian is not finite.
      expect(Math.min(...engine.evaluate(theta).spectra.values)).toBeGreaterThan(0);
    }
  });

  it('works at the edges of the prior, up to dark matter alone missing or all of it', () => {
    const engine = createSpectraEngine({ bins: lsstBins, ell: logSpaced(LOW, 13000, 40) });
    for (const theta of [
      [0, 0.049, 0.8, 0.7, 0.96, -1],
      [0.95, 0.05, 0.8, 0.7, 0.96, -0.3],
      [0.96, 0.06, 0.8, 0.7, 0.96, -1.5],
      [0.27, 0.05, 0.2, 0.45, 1.3, -2],
      [0.9, 0.03, 1.4, 0.9, 0.65, -0.3],
      [0.02, 0.02, 1.4, 0.45, 0.65, -0.3],
    ]) {
      const { values, jacobian } = engine.evaluate(theta).spectra;
      expect(values.every((c) => c > 0)).toBe(true);
      expect(jacobian.every(Number.isFinite)).toBe(true);
    }
  });

  it('refuses what is no universe, naming the parameter', () => {
    const engine = createSpectraEngine({ bins: lsstBins, ell: [100] });
    const fiducial = [0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1];
    for (const [p, value, name] of [
      [0, -0.01, 'omega_c'],
      [1, 0, 'omega_b'],
      [2, -0.1, 'sigma_8'],
      [3, 0, 'h_0'],
      [4, Number.NaN, 'n_s'],
      [5, 0.1, 'w_0'],
    ] as const) {
      const theta = fiducial.map((x, i) => (i === p ? value : x));
      expect(() => engine.evaluate(theta)).toThrow(InvalidArgumentError);
      expect(() => engine.evaluate(theta)).toThrow(name);
    }
    expect(() => engine.evaluate([0.3])).toThrow(/6 entries/);
    expect(() => createSpectraEngine({ bins: lsstBins, ell: [100], nodeSpacing: 0 })).toThrow(/nodeSpacing/);
  });

  it('gives the same for multipoles in any order, alone or among others', () => {
    const { theta } = referencePoints[0];
    const ell = [3000, 20, 400];
    const engine = createSpectraEngine({ bins: lsstBins, ell });
    const values = engine.evaluate(theta).spectra.values.slice(0, 3);
    ell.forEach((l, i) => {
      const [alone] = createSpectraEngine({ bins: lsstBins, ell: [l] }).evaluate(theta).spectra.values;
      expect(Math.abs(values[i] / alone - 1)).toBeLessThan(1e-12);
    });
  });

  it('takes a tabulated distribution for the family it was made from', () => {
    const z = Float64Array.from({ length: 2001 }, (_, i) => (10 * i) / 2000);
    const table = tabulatedDistribution(z, z.map(lsstBins[2].density));
    const { theta } = referencePoints[0];
    const ell = [30, 300, 3000];
    const smooth = createSpectraEngine({ bins: [lsstBins[2]], ell }).evaluate(theta).spectra.values;
    const linear = createSpectraEngine({ bins: [table], ell }).evaluate(theta).spectra.values;
    // Straight lines 0.005 apart.
    expect(worst(linear, smooth)).toBeLessThan(1e-4);
  });

  it('returns the same bytes when asked again', () => {
    const engine = createSpectraEngine({ bins: lsstBins, ell: [30, 300] });
    const first = engine.evaluate(referencePoints[1].theta).spectra.jacobian.slice();
    engine.evaluate(referencePoints[4].theta);
    expect(engine.evaluate(referencePoints[1].theta).spectra.jacobian).toEqual(first);
  });
});
