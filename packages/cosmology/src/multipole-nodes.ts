import { InvalidArgumentError } from '@lensfield/kernels';

/** Spacing in ln(ell + 1/2) of the nodes at which spectra are computed before they are read at the caller's multipoles. */
export const DEFAULT_NODE_SPACING = 0.2;

/** Own multipoles farther apart than this are no nodes for integrals over multipoles. */
const WIDEST_GAP = 0.3;

const MIN_NODES = 7;

export interface MultipoleNodes {
  /** ell + 1/2 at which power is computed, ascending, shape [numWaves]. */
  readonly waves: Float64Array;
  /** The nodes `first` to `last` (exclusive) carry the spectra; those outside serve integrals over wider ranges. */
  readonly first: number;
  readonly last: number;
}

export function checkMultipoles(name: string, ell: ArrayLike<number>): Float64Array {
  const list = Float64Array.from(ell);
  const wrong = list.find((l) => !(l > 1 && l < Infinity));
  if (list.length === 0 || wrong !== undefined) {
    throw new InvalidArgumentError(
      'ell',
      `cosmology.${name}: ell must hold multipoles above 1; got ${list.length === 0 ? 'none' : wrong}. Leave out the mean and the dipole.`,
    );
  }
  return list;
}

/** Nodes at most `spacing` apart in the logarithm; around a range too narrow for enough of them they reach beyond it. */
function equispacedNodes(low: number, high: number, spacing: number): number[] {
  const missing = Math.max(0, (MIN_NODES - 1) * spacing - Math.log(high / low));
  const start = Math.log(low) - missing / 2;
  const span = Math.log(high / low) + missing;
  const intervals = Math.max(MIN_NODES - 1, Math.ceil(span / spacing - 1e-9));
  return Array.from({ length: intervals + 1 }, (_, i) => Math.exp(start + (span * i) / intervals));
}

/** Nodes that carry on to `range` on both sides, wider apart: little of any integral comes from there. */
function outerNodes(inner: number[], range: readonly [low: number, high: number], spacing: number) {
  const below: number[] = [];
  const above: number[] = [];
  for (let gap = 2, x = Math.log(inner[0]); x > Math.log(range[0]); gap = Math.min(4, gap + 0.5)) {
    x -= gap * spacing;
    below.unshift(Math.exp(x));
  }
  for (let x = Math.log(inner[inner.length - 1]); x < Math.log(range[1]); ) {
    x += 1.5 * spacing;
    above.push(Math.exp(x));
  }
  return { below, above };
}

/** Log-spaced nodes over the caller's multipoles; the multipoles themselves where they are fewer than the nodes would be. */
export function multipoleNodes(
  ell: Float64Array,
  {
    spacing = DEFAULT_NODE_SPACING,
    range,
  }: { readonly spacing?: number; readonly range?: readonly [low: number, high: number] | undefined } = {},
): MultipoleNodes {
  const own = Array.from(new Set(ell.map((l) => l + 0.5))).sort((a, b) => a - b);
  const widest = own.reduce((gap, l, i) => (i === 0 ? 0 : Math.max(gap, Math.log(l / own[i - 1]))), 0);
  const span = Math.log(own[own.length - 1] / own[0]);
  const useOwn =
    own.length <= Math.max(MIN_NODES, span / spacing + 1) &&
    (range === undefined || (own.length >= MIN_NODES && widest <= WIDEST_GAP));
  const inner = useOwn ? own : equispacedNodes(own[0], own[own.length - 1], spacing);
  const { below, above } = range ? outerNodes(inner, range, spacing) : { below: [], above: [] };
  return {
    waves: Float64Array.from([...below, ...inner, ...above]),
    first: below.length,
    last: below.length + inner.length,
  };
}
