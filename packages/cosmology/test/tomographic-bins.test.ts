import { InvalidArgumentError } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { smailDistribution, tabulatedDistribution, tomographicBins } from '../src/index.ts';
import { integrateOverRedshift, type RedshiftDistribution } from '../src/redshift-distribution.ts';
import { lsstParent, referenceBins, worst } from './_ccl.ts';

function integral(f: (z: number) => number, { zMax, breakpoints }: RedshiftDistribution): number {
  return integrateOverRedshift(f, { low: 0, high: zMax, breakpoints });
}

describe('tomographicBins', () => {
  const { edges, bins, fraction } = tomographicBins(lsstParent, { numBins: 5 });

  it('has the edges, densities, means and shares of adaptive quadrature', () => {
    // Adaptive quadrature of scipy, 8 digits (edges 12).
    expect(worst(edges, referenceBins.edges)).toBeLessThan(1e-9);
    expect(worst(referenceBins.z.map(lsstParent.density), referenceBins.parent)).toBeLessThan(1e-7);
    bins.forEach((bin, i) => {
      const largest = Math.max(...referenceBins.bins[i]);
      referenceBins.z.forEach((z, j) => {
        expect(Math.abs(bin.density(z) - referenceBins.bins[i][j])).toBeLessThan(1e-7 * largest);
      });
      expect(integral((z) => z * bin.density(z), bin)).toBeCloseTo(referenceBins.mean_z[i], 6);
      expect(fraction[i]).toBeCloseTo(referenceBins.fraction[i], 6);
    });
  });

  it('has bins that are normalised', () => {
    for (const bin of bins) expect(integral(bin.density, bin)).toBeCloseTo(1, 12);
  });

  it('takes edges', () => {
    const two = tomographicBins(lsstParent, { edges: [0, 0.8, 10], photoZError: 0.02 });
    expect(two.bins).toHaveLength(2);
    expect(two.bins[0].density(1.2)).toBeLessThan(1e-10);
  });

  it('refuses no bins, unsorted edges and no photo-z error', () => {
    expect(() => tomographicBins(lsstParent, {})).toThrow(InvalidArgumentError);
    expect(() => tomographicBins(lsstParent, { edges: [1, 0.5] })).toThrow(/edges/);
    expect(() => tomographicBins(lsstParent, { numBins: 2, photoZError: 0 })).toThrow(/photoZError/);
  });
});

describe('tabulatedDistribution', () => {
  it('joins the nodes linearly, normalised', () => {
    const triangle = tabulatedDistribution([0, 1, 2], [0, 3, 0]);
    expect(triangle.density(0.5)).toBeCloseTo(0.5, 12);
    expect(triangle.density(2.5)).toBe(0);
  });

  it('holds the value of a cell as a histogram', () => {
    const histogram = tabulatedDistribution([0, 1, 3], [1, 2, 7], { between: 'histogram' });
    expect(histogram.density(0.9)).toBeCloseTo(0.2, 12);
    expect(histogram.density(2.9)).toBeCloseTo(0.4, 12);
  });

  it('refuses bad tables', () => {
    expect(() => tabulatedDistribution([0, 1], [1])).toThrow(InvalidArgumentError);
    expect(() => tabulatedDistribution([0, 1, 1], [1, 1, 1])).toThrow(/index 2/);
    expect(() => tabulatedDistribution([0, 1], [1, -1])).toThrow(/index 1/);
    expect(() => tabulatedDistribution([0, 1], [1, Number.NaN])).toThrow(/index 1/);
    expect(() => tabulatedDistribution([0, 1], [0, 0])).toThrow(/integral/);
  });
});

describe('smailDistribution', () => {
  it('refuses parameters that are not positive', () => {
    expect(() => smailDistribution({ z0: 0, alpha: 2, beta: 1 })).toThrow(/z0/);
    expect(() => smailDistribution({ z0: 0.1, alpha: 2, beta: 1, zMax: Number.NaN })).toThrow(/zMax/);
  });
});
