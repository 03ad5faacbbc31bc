import { distinctModes, type SpectrumInterpolation } from '@lensfield/kernels';

/* Largest distance of nodes in ln(ell), and the points of the local polynomial: log spectra of halofit are then off by less than
   2e-5 between nodes (test/spectrum-nodes.test.ts). The points are those of the interpolation kernel. */
const NODE_SPACING = 0.25;
const POINTS = 6;

export interface SpectrumNodes {
  /** Multipoles at which spectra are wanted, equidistant in ln(ell), ascending. */
  readonly ell: Float64Array;
  /** From log spectra at the nodes to every distinct mode of the map. */
  readonly interpolation: SpectrumInterpolation;
}

export interface MapGeometry {
  /** Pixels per side. */
  readonly mapSize: number;
  readonly fieldSizeDeg: number;
}

/** Multipole of the longest wave that fits into the field, 2 pi / side. */
export function fundamentalMultipole({ fieldSizeDeg }: MapGeometry): number {
  return 360 / fieldSizeDeg;
}

/** Multipoles |ell| of the distinct modes of a map, [modes]; the first is 0. */
export function modeMultipoles(geometry: MapGeometry): Float64Array {
  const { hi, lo, count } = distinctModes(geometry.mapSize);
  const fundamental = fundamentalMultipole(geometry);
  return Float64Array.from({ length: count }, (_, i) => fundamental * Math.hypot(hi[i]!, lo[i]!));
}

/** Lagrange weights of the equidistant points 0, 1, ..., POINTS - 1 at `position`. */
function lagrangeWeights(position: number): number[] {
  return Array.from({ length: POINTS }, (_, i) => {
    let weight = 1;
    for (let j = 0; j < POINTS; j++) if (j !== i) weight *= (position - j) / (i - j);
    return weight;
  });
}

/**
 * Nodes that cover the modes of a map, and the local interpolation of log spectra in ln(ell) from them: the polynomial through the
 * six nearest nodes.
 */
export function spectrumNodes(geometry: MapGeometry): SpectrumNodes {
  const { counts } = distinctModes(geometry.mapSize);
  const multipoles = modeMultipoles(geometry);
  const low = Math.log(fundamentalMultipole(geometry));
  const high = Math.log(Math.max(...multipoles));
  const intervals = Math.max(POINTS - 1, Math.ceil((high - low) / NODE_SPACING));
  const spacing = (high - low) / intervals;
  const first = new Int32Array(multipoles.length);
  const weights = new Float64Array(POINTS * multipoles.length);
  for (let mode = 1; mode < multipoles.length; mode++) {
    const position = (Math.log(multipoles[mode]!) - low) / spacing;
    first[mode] = Math.min(Math.max(Math.floor(position) - POINTS / 2 + 1, 0), intervals + 1 - POINTS);
    weights.set(lagrangeWeights(position - first[mode]!), POINTS * mode);
  }
  const ell = Float64Array.from({ length: intervals + 1 }, (_, i) => Math.exp(low + i * spacing));
  return { ell, interpolation: { numNodes: intervals + 1, first, weights, counts } };
}
