import { distinctModes, type SpectrumInterpolation } from '@lensfield/kernels';

/*
 * Distances of nodes in ln(ell). Below ell of about 1000 acoustic oscillations are seen in the nearest bins and need close nodes;
 * above, log spectra are smooth. The polynomial through six nodes (those of the interpolation kernel) then errs by less than 4e-4
 * at low ell and 1e-4 above 700 (test/spectrum-nodes.test.ts).
 */
const CLOSE_SPACING = 0.18;
const WIDE_SPACING = 0.29;
const CLOSE_BELOW_ELL = 500;
const WIDE_ABOVE_ELL = 2500;
const POINTS = 6;

export interface SpectrumNodes {
  /** Multipoles at which spectra are wanted, ascending; the first and the last mode are nodes. */
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

/** Distance to the next node at ln(ell) = x. */
function spacingAt(x: number): number {
  const [low, high] = [Math.log(CLOSE_BELOW_ELL), Math.log(WIDE_ABOVE_ELL)];
  const t = Math.min(1, Math.max(0, (x - low) / (high - low)));
  return CLOSE_SPACING + (WIDE_SPACING - CLOSE_SPACING) * t;
}

/** ln(ell) of the nodes from `low` to `high`. */
function logNodes(low: number, high: number): number[] {
  const nodes = [low];
  while (nodes.at(-1)! < high || nodes.length < POINTS) nodes.push(nodes.at(-1)! + spacingAt(nodes.at(-1)!));
  /* Shrunk to end at `high`. */
  const scale = (high - low) / (nodes.at(-1)! - low);
  return nodes.map((x) => low + scale * (x - low));
}

/** Lagrange weights of `nodes` at x. */
function lagrangeWeights(nodes: readonly number[], x: number): number[] {
  return nodes.map((node, i) =>
    nodes.reduce((weight, other, j) => (j === i ? weight : (weight * (x - other)) / (node - other)), 1),
  );
}

/**
 * Nodes that cover the modes of a map, and the local interpolation of log spectra in ln(ell) from them: the polynomial through the
 * six nearest nodes.
 */
export function spectrumNodes(geometry: MapGeometry): SpectrumNodes {
  const { counts } = distinctModes(geometry.mapSize);
  const multipoles = modeMultipoles(geometry);
  const nodes = logNodes(Math.log(fundamentalMultipole(geometry)), Math.log(Math.max(...multipoles)));
  const first = new Int32Array(multipoles.length);
  const weights = new Float64Array(POINTS * multipoles.length);
  for (let mode = 1; mode < multipoles.length; mode++) {
    const x = Math.log(multipoles[mode]!);
    const above = nodes.findIndex((node) => node >= x - 1e-12);
    const start = Math.min(Math.max(above - POINTS / 2, 0), nodes.length - POINTS);
    first[mode] = start;
    weights.set(lagrangeWeights(nodes.slice(start, start + POINTS), x), POINTS * mode);
  }
  return {
    ell: Float64Array.from(nodes, Math.exp),
    interpolation: { numNodes: nodes.length, first, weights, counts },
  };
}
