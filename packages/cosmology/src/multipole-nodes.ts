import { InvalidArgumentError } from '@lensfield/kernels';

/** Spacing in ln(ell + 1/2) of the nodes at which spectra are computed before they are read at the caller's multipoles. */
export const DEFAULT_NODE_SPACING = 0.2;

/** Own multipoles farther apart than this are no nodes for integrals over multipoles. */
const WIDEST_GAP = 0.3;

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

/** Log-spaced nodes over the caller's multipoles; the multipoles themselves where they are fewer than the nodes would be. */
export function multipoleNodes(
  ell: Float64Array,
  {
    spacing = DEFAULT_NODE_SPACING,
    range,
  }: { readonly spacing?: number; readonly range?: readonly [low: number, high: number] | undefined } = {},
): MultipoleNodes {
  const own = Array.from(new Set(ell.map((l) => l + 0.5))).sort((a, b) => a - b);
  const low = Math.log(own[0]);
  const high = Math.log(own[own.length - 1]);
  const count = Math.max(7, Math.ceil((high - low) / spacing) + 1);
  const widest = own.reduce((gap, l, i) => (i === 0 ? 0 : Math.max(gap, Math.log(l / own[i - 1]))), 0);
  const useOwn = own.length <= count && (range === undefined || (own.length > 6 && widest <= WIDEST_GAP));
  const inner = useOwn
    ? own
    : Array.from({ length: count }, (_, i) => Math.exp(low + ((high - low) * i) / (count - 1)));
  const below: number[] = [];
  const above: number[] = [];
  if (range) {
    const step = useOwn ? spacing : (high - low) / (count - 1);
    // Little of any integral comes from far below: gaps grow from two to four spacings.
    for (let gap = 2, x = low; x > Math.log(range[0]); gap = Math.min(4, gap + 0.5)) {
      x -= gap * step;
      below.unshift(Math.exp(x));
    }
    for (let x = high + 1.5 * step; x < Math.log(range[1]) + 1.5 * step; x += 1.5 * step)
      above.push(Math.exp(x));
  }
  return {
    waves: Float64Array.from([...below, ...inner, ...above]),
    first: below.length,
    last: below.length + inner.length,
  };
}
