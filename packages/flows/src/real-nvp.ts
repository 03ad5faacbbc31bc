import { InvalidArgumentError } from '@lensfield/kernels';

/** How the coordinates are mixed between coupling layers. */
export type Mixing = 'permutation' | 'linear';

export interface RealNvpOptions {
  /** Length of y. */
  readonly dimension: number;
  /** Length of the context; 0 for an unconditional density. */
  readonly contextDimension: number;
  /** Affine coupling layers. Default 4. */
  readonly numLayers?: number;
  /** Width of each hidden layer of the conditioner. Default [128, 128]. */
  readonly hiddenUnits?: readonly number[];
  /** Largest absolute log-scale of one layer, approached smoothly (tanh). Default 3. */
  readonly maxLogScale?: number;
  /**
   * Between layers: `linear`, a trained invertible matrix (unit triangular times triangular, so its determinant is read
   * off), or `permutation`, none beyond the alternating masks. Default `linear`.
   */
  readonly mixing?: Mixing;
}

/** The architecture of a conditional affine-coupling flow: plain data, without its weights. */
export interface RealNvp {
  readonly dimension: number;
  readonly contextDimension: number;
  readonly numLayers: number;
  readonly hiddenUnits: readonly number[];
  readonly maxLogScale: number;
  readonly mixing: Mixing;
}

/**
 * A conditional RealNVP: y goes through affine coupling layers, each of which rescales and shifts one part of the
 * coordinates by functions of the other part and the context, to a standard normal.
 *
 * Source: Dinh et al. (2016), arXiv 1605.08803, eqs. 7-9; mixing matrices as in Kingma & Dhariwal (2018), arXiv 1807.03039,
 * eq. 10, without its permutation. Differs: the log-scale is bounded smoothly, and y and the context are standardised
 * inside.
 *
 * @throws {InvalidArgumentError} if a size is not a whole number in range.
 */
export function createRealNvp(options: RealNvpOptions): RealNvp {
  const {
    dimension,
    contextDimension,
    numLayers = 4,
    hiddenUnits = [128, 128],
    maxLogScale = 3,
    mixing = 'linear',
  } = options;
  requireWhole('dimension', dimension, 1);
  requireWhole('contextDimension', contextDimension, 0);
  requireWhole('numLayers', numLayers, 1);
  hiddenUnits.forEach((units) => {
    requireWhole('hiddenUnits', units, 1);
  });
  if (hiddenUnits.length === 0) {
    throw new InvalidArgumentError(
      'hiddenUnits',
      'flows.createRealNvp: hiddenUnits must name at least one layer; got none.',
    );
  }
  if (!(maxLogScale > 0 && maxLogScale <= 20)) {
    throw new InvalidArgumentError(
      'maxLogScale',
      `flows.createRealNvp: maxLogScale must be in (0, 20]; got ${maxLogScale}.`,
    );
  }
  return { dimension, contextDimension, numLayers, hiddenUnits: [...hiddenUnits], maxLogScale, mixing };
}

/**
 * Mask of a layer: 1 for the coordinates that pass and condition, 0 for those that are transformed. Four patterns in turn
 * (first half, second half, even, odd), so that every pair of coordinates meets; with one coordinate it is transformed in
 * every layer, by the context alone.
 */
export function couplingMask(flow: RealNvp, layer: number): Float32Array {
  const { dimension } = flow;
  const half = Math.ceil(dimension / 2);
  const patterns = [
    (i: number) => i >= half,
    (i: number) => i < half,
    (i: number) => i % 2 === 1,
    (i: number) => i % 2 === 0,
  ];
  const passes = dimension === 1 ? () => false : patterns[layer % 4]!;
  return Float32Array.from({ length: dimension }, (_, i) => (passes(i) ? 1 : 0));
}

function requireWhole(argument: string, value: number, smallest: number): void {
  if (!Number.isInteger(value) || value < smallest) {
    throw new InvalidArgumentError(
      argument,
      `flows.createRealNvp: ${argument} must be a whole number of at least ${smallest}; got ${value}.`,
    );
  }
}
