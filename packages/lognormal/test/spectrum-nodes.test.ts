import { createSpectraEngine, smailDistribution, tomographicBins } from '@lensfield/cosmology';
import { distinctModes } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import { modeMultipoles, spectrumNodes } from '../src/spectrum-nodes.ts';

const FIDUCIAL = [0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1];

describe.each([
  { mapSize: 64, fieldSizeDeg: 2.5, mostNodes: 20 },
  { mapSize: 256, fieldSizeDeg: 10, mostNodes: 27 },
])('nodes of a map of $mapSize pixels', ({ mostNodes, ...geometry }) => {
  const { ell, interpolation } = spectrumNodes(geometry);
  const multipoles = modeMultipoles(geometry);

  test('cover the modes with few nodes', () => {
    expect(ell[0]! / multipoles[1]!).toBeCloseTo(1, 12);
    expect(ell.at(-1)! / Math.max(...multipoles)).toBeCloseTo(1, 12);
    expect(ell.length).toBeLessThanOrEqual(mostNodes);
    expect(multipoles.length).toBe(distinctModes(geometry.mapSize).count);
  });

  test('reproduce log spectra that are quintic in ln(ell)', () => {
    const spectrum = (l: number) => {
      const x = Math.log(l / 900);
      return -19 - 1.1 * x - 0.3 * x ** 2 + 0.05 * x ** 3 - 0.02 * x ** 5;
    };
    for (let mode = 1; mode < multipoles.length; mode++) {
      let sum = 0;
      for (let k = 0; k < 6; k++)
        sum += interpolation.weights[6 * mode + k]! * spectrum(ell[interpolation.first[mode]! + k]!);
      expect(Math.abs(sum - spectrum(multipoles[mode]!))).toBeLessThan(1e-11);
    }
  });

  test('give the spectra of the fiducial cosmology at every mode', () => {
    const parent = smailDistribution({ alpha: 2, beta: 0.68, z0: 0.11, zMax: 10 });
    const { bins } = tomographicBins(parent, { numBins: 5 });
    const distinct = Array.from(new Set(multipoles.slice(1)));
    const wanted = distinct
      .sort((a, b) => a - b)
      .filter((l, i, all) => i === 0 || l > 1.02 * all[i - 1]! || i % 40 === 0);
    /* A node spacing below that of the multipoles makes the engine compute at the multipoles themselves. */
    const valuesAt = (multipole: ArrayLike<number>) =>
      createSpectraEngine({ bins, ell: multipole, nodeSpacing: 0.01 })
        .evaluate(FIDUCIAL)
        .spectra.values.slice();
    const atNodes = valuesAt(ell);
    const exact = valuesAt(wanted);
    wanted.forEach((l, i) => {
      const mode = multipoles.indexOf(l);
      for (let pair = 0; pair < 15; pair++) {
        let sum = 0;
        for (let k = 0; k < 6; k++)
          sum +=
            interpolation.weights[6 * mode + k]! *
            Math.log(atNodes[pair * ell.length + interpolation.first[mode]! + k]!);
        const error = Math.abs(Math.exp(sum) / exact[pair * wanted.length + i]! - 1);
        expect(error).toBeLessThan(l < 700 ? 4e-4 : 1e-4);
      }
    });
  });
});
