import { foldIn, keyOf, normalFloat64 } from '@lensfield/kernels';
import { largestRelativeDifference } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import {
  bandAverages,
  bandQuadrature,
  evenBandEdges,
  mapMoments,
  measuredSpectra,
  onePointFunction,
  type SpectrumBands,
} from '../src/index.ts';
import { readArray, readJson } from './_fixtures.ts';

const numpy = readJson('numpy/results.json');
const maps = readArray('numpy/maps.npy');
/** Order of sums. */
const ROUNDING = 1e-12;

describe('measuredSpectra', () => {
  it('is what NumPy measures', () => {
    const measured = measuredSpectra(maps, { fieldSizeDeg: 5, edges: numpy.edges });
    expect(measured.pairs).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    expect(measured.spectra.shape).toEqual([3, 4]);
    expect(largestRelativeDifference(measured.spectra.data, numpy.spectra.flat())).toBeLessThan(ROUNDING);
    expect([...measured.numModes]).toEqual(numpy.numModes);
    expect(largestRelativeDifference(measured.ell, numpy.ell)).toBeLessThan(ROUNDING);
  });

  it('puts the power of a plane wave in its band', () => {
    // kappa = A cos(k x): modes +-k each hold A^2 / 4 of the variance, and C = variance per mode x area.
    const [size, degrees, amplitude, waves] = [32, 4, 0.02, 5];
    const data = Float64Array.from(
      { length: size * size },
      (_, i) => amplitude * Math.cos((2 * Math.PI * waves * (i % size)) / size),
    );
    const ell = (360 / degrees) * waves;
    const edges = [1, ell - 1, ell + 1, 3 * ell];
    const { spectra, numModes } = measuredSpectra(
      { shape: [size, size, 1], data },
      { fieldSizeDeg: degrees, edges },
    );
    const expected = ((amplitude ** 2 / 2) * ((degrees * Math.PI) / 180) ** 2) / numModes[1];
    expect(spectra.data[1]).toBeCloseTo(expected, 15);
    expect(Math.abs(spectra.data[0]) + Math.abs(spectra.data[2])).toBeLessThan(expected * ROUNDING);
  });

  it('of white noise is its variance times the pixel area, with the scatter that numModes says', () => {
    const [size, degrees, numMaps] = [36, 6, 40];
    const edges = evenBandEdges({ mapSize: size, fieldSizeDeg: degrees, numBands: 6 });
    const noise = 0.05 ** 2 * ((degrees * Math.PI) / 180 / size) ** 2;
    const deviations = Array.from({ length: numMaps }, (_, i) => {
      const data = normalFloat64(foldIn(keyOf(9), i), size * size).map((z) => 0.05 * z);
      const { spectra, numModes } = measuredSpectra(
        { shape: [size, size, 1], data },
        { fieldSizeDeg: degrees, edges },
      );
      return spectra.data.map((value, band) => (value / noise - 1) / Math.sqrt(2 / numModes[band]));
    });
    for (let band = 0; band < 6; band++) {
      const z = deviations.map((row) => row[band]);
      const mean = z.reduce((sum, value) => sum + value, 0) / numMaps;
      const square = z.reduce((sum, value) => sum + value ** 2, 0) / numMaps;
      // 5 standard errors of a mean of 40, and of a mean square (excess kurtosis of a chi-square of few modes included).
      expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(numMaps));
      expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(3 / numMaps));
    }
  });

  it('bandAverages averages theory over the same modes', () => {
    const bands = { mapSize: 24, fieldSizeDeg: 5, edges: numpy.edges };
    const { ell } = measuredSpectra(maps, bands);
    expect(
      largestRelativeDifference(
        bandAverages(bands, (l) => l),
        ell,
      ),
    ).toBeLessThan(ROUNDING);
    // Of a steep spectrum it is not the value at the mean.
    expect(bandAverages(bands, (l) => l ** -3)[0] / ell[0] ** -3).toBeGreaterThan(1.5);
  });

  it('bandQuadrature averages theory over the same modes by two multipoles', () => {
    const averages = (bands: SpectrumBands, spectrum: (ell: number) => number) => {
      const { ell, weights } = bandQuadrature(bands);
      return Float64Array.from(
        { length: ell.length / 2 },
        (_, b) => weights[2 * b] * spectrum(ell[2 * b]) + weights[2 * b + 1] * spectrum(ell[2 * b + 1]),
      );
    };
    const bands = { mapSize: 64, fieldSizeDeg: 2.5, edges: [72, 288, 576, 2000, 4976] };
    const cubic = (l: number) => 1 + l / 100 - (l / 300) ** 2 + (l / 500) ** 3;
    expect(largestRelativeDifference(averages(bands, cubic), bandAverages(bands, cubic))).toBeLessThan(1e-12);
    // Convergence spectra fall as ell^-0.3 at ell of 100 and as ell^-1.5 at 5000.
    const steep = (l: number) => l ** -0.3 / (1 + l / 800) ** 1.4;
    const first = { ...bands, edges: [72, 288] };
    expect(largestRelativeDifference(averages(first, steep), bandAverages(first, steep))).toBeLessThan(1e-3);
    const narrow = {
      mapSize: 128,
      fieldSizeDeg: 10,
      edges: Array.from({ length: 40 }, (_, i) => 100 + 50 * i),
    };
    expect(largestRelativeDifference(averages(narrow, steep), bandAverages(narrow, steep))).toBeLessThan(
      4e-5,
    );
    // Bands of one multipole: both points are it.
    const one = bandQuadrature({ mapSize: 8, fieldSizeDeg: 3.6, edges: [90, 110] });
    for (const ell of one.ell) expect(ell).toBeCloseTo(100, 9);
  });

  it('evenBandEdges run to the Nyquist frequency, a mode in each band', () => {
    const edges = evenBandEdges({ mapSize: 64, fieldSizeDeg: 2.5, numBands: 31 });
    expect(edges[31]).toBeCloseTo(144 * 32, 9);
    expect(
      Math.min(
        ...measuredSpectra({ shape: [64, 64, 1], data: new Float64Array(4096) }, { fieldSizeDeg: 2.5, edges })
          .numModes,
      ),
    ).toBeGreaterThan(3);
    expect(() => evenBandEdges({ mapSize: 64, fieldSizeDeg: 2.5, numBands: 32 })).toThrow(
      'numBands must be at most 31',
    );
  });

  it('refuses bad maps and bands', () => {
    const measure =
      (shape: number[], edges: number[], fieldSizeDeg = 5) =>
      () =>
        measuredSpectra(
          { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) },
          { fieldSizeDeg, edges },
        );
    expect(measure([4, 5, 1], [1, 2])).toThrow(
      'map must be square, at least 2 pixels wide, with at least 1 bin; got [4, 5, 1].',
    );
    expect(measure([4, 4], [1, 2])).toThrow('map must have shape [N, N, numBins]');
    expect(measure([4, 4, 1], [100, 50])).toThrow(
      'edges must be at least 2 increasing multipoles, none below 0; got [100, 50].',
    );
    expect(measure([4, 4, 1], [-5, 100])).toThrow('none below 0; got [-5, 100].');
    expect(measure([4, 4, 1], [1, 10, 100])).toThrow(
      'edges must leave a mode of the map in every band; got none in 1 to 10.',
    );
    expect(measure([4, 4, 1], [1, 100], 0)).toThrow('fieldSizeDeg must be the side of the map in degrees');
    const bad = { shape: [2, 2, 1], data: Float64Array.of(0, 1, Number.NaN, 2) };
    expect(() => measuredSpectra(bad, { fieldSizeDeg: 1, edges: [1, 1000] })).toThrow(
      'map must be finite; got NaN at index 2.',
    );
  });
});

describe('one-point function and moments', () => {
  it('are what NumPy measures', () => {
    const { density, outside } = onePointFunction(maps, { edges: numpy.valueEdges });
    expect(density.shape).toEqual([2, 10]);
    expect(largestRelativeDifference(density.data, numpy.density.flat())).toBeLessThan(ROUNDING);
    const inside = numpy.density[0].reduce((sum: number, value: number) => sum + value * 0.3, 0);
    expect(outside[0]).toBeCloseTo(1 - inside, 12);
    const moments = mapMoments(maps);
    for (const name of ['variance', 'skewness', 'excessKurtosis'] as const) {
      const values = moments.map((moment) => moment[name]);
      expect(largestRelativeDifference(values, numpy[name])).toBeLessThan(ROUNDING);
    }
  });

  it('refuses edges that do not increase', () => {
    expect(() => onePointFunction(maps, { edges: [0, 0] })).toThrow(
      'edges must be at least 2 increasing numbers; got [0, 0].',
    );
  });
});
