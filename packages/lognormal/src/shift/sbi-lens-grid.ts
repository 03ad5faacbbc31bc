import { smailDistribution, tabulatedDistribution, tomographicBins } from '@lensfield/cosmology';
import { createSpectraAndShifts } from './spectra-and-shifts.ts';

/** Nodes of each axis. */
export const GRID_SIZE = 8;
export const GRID_RANGE = { omegaM: [0.1, 0.9], sigma8: [0.3, 1.3], w0: [-2, -0.3] } as const;
export const GRID_BINS = 5;

const FIXED = { omegaB: 0.0492, h: 0.6727, nS: 0.9645 };
const PIXEL_SIZE_ARCMIN = 2.34;

function axis([low, high]: readonly [number, number]): number[] {
  return Array.from({ length: GRID_SIZE }, (_, i) => low + ((high - low) * i) / (GRID_SIZE - 1));
}

/** The n(z) of the public table: LSST year 10 in five bins, on linspace(0, 5, 1024), read as a histogram. */
function tableBins() {
  const parent = smailDistribution({ z0: 0.11, alpha: 2, beta: 0.68 });
  const z = Float64Array.from({ length: 1024 }, (_, i) => (5 * i) / 1023);
  return tomographicBins(parent, { numBins: GRID_BINS }).bins.map((bin) =>
    tabulatedDistribution(z, z.map(bin.density), { between: 'histogram' }),
  );
}

/** Nodes of the grid, each [omega_m, sigma_8, w_0], in the order of its entries: sigma_8 slowest, then omega_m, then w_0. */
export function sbiLensGridNodes(): (readonly [omegaM: number, sigma8: number, w0: number])[] {
  const nodes: (readonly [number, number, number])[] = [];
  for (const sigma8 of axis(GRID_RANGE.sigma8)) {
    for (const omegaM of axis(GRID_RANGE.omegaM)) {
      for (const w0 of axis(GRID_RANGE.w0)) nodes.push([omegaM, sigma8, w0]);
    }
  }
  return nodes;
}

/** Shifts of the five bins at given nodes by the recipe in the form of the public table; shape [nodes, 5]. About 15 ms a node. */
export function sbiLensGridShifts(
  nodes: readonly (readonly [omegaM: number, sigma8: number, w0: number])[],
): Float64Array {
  const engine = createSpectraAndShifts({
    bins: tableBins(),
    ell: Array.from({ length: 80 }, (_, i) => 10 * 1000 ** (i / 79)),
    pixelSizeArcmin: PIXEL_SIZE_ARCMIN,
    halofit: 'cosmomentum',
    numSlices: 80,
    nodeSpacing: 0.1,
  });
  const shifts = new Float64Array(nodes.length * GRID_BINS);
  nodes.forEach(([omegaM, sigma8, w0], i) => {
    const theta = [omegaM - FIXED.omegaB, FIXED.omegaB, sigma8, FIXED.h, FIXED.nS, w0];
    shifts.set(engine.evaluate(theta).shifts.values, i * GRID_BINS);
  });
  return shifts;
}
