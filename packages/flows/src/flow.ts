import { InvalidArgumentError } from '@lensfield/kernels';

/** How the coordinates are mixed between layers. */
export type Mixing = 'permutation' | 'linear';

export interface FlowSizes {
  /** Length of y. */
  readonly dimension: number;
  /** Length of the context; 0 for an unconditional density. */
  readonly contextDimension: number;
}

/** y e^s + t, with |s| at most `maxLogScale`, approached smoothly. */
export interface AffineTransform {
  readonly kind: 'affine';
  readonly maxLogScale: number;
}

/** A monotone rational-quadratic spline of `numBins` bins on [-bound, bound], the identity outside. */
export interface SplineTransform {
  readonly kind: 'spline';
  readonly numBins: number;
  readonly bound: number;
}

/** The logit of a mixture of `numSigmoids` sigmoids and the identity's own: smooth to every order. */
export interface SmoothTransform {
  readonly kind: 'smooth';
  readonly numSigmoids: number;
  readonly maxLogSlope: number;
}

/** What a layer does to a coordinate: a monotone map whose numbers a network gives. Plain data. */
export type Transform = AffineTransform | SplineTransform | SmoothTransform;

/** Layers of transforms with trained mixing between them. */
export interface LayeredFlow extends FlowSizes {
  readonly numLayers: number;
  readonly hiddenUnits: readonly number[];
  readonly mixing: Mixing;
}

export type CouplingFlow = LayeredFlow & Transform;

export interface AutoregressiveFlow extends LayeredFlow {
  readonly kind: 'maf';
  readonly transform: Transform;
}

/** A flow that maps y to standard normal coordinates and back. */
export type BijectiveFlow = CouplingFlow | AutoregressiveFlow;

/** A mixture of normal densities with full covariances, all of them functions of the context. */
export interface GaussianMixture extends FlowSizes {
  readonly kind: 'mixture';
  readonly hiddenUnits: readonly number[];
  readonly numComponents: number;
}

/** The architecture of a conditional density: plain data, without its weights. */
export type Flow = BijectiveFlow | GaussianMixture;

export interface LayeredOptions {
  /** Layers. Default 4. */
  readonly numLayers?: number;
  /** Width of each hidden layer of the networks. Default [128, 128]. */
  readonly hiddenUnits?: readonly number[];
  /**
   * Between layers: `linear`, a trained invertible matrix (unit triangular times triangular, so its determinant is read
   * off), or `permutation`, none beyond the order of the coordinates, which changes from layer to layer. Default `linear`.
   */
  readonly mixing?: Mixing;
}

export interface AffineOptions {
  readonly kind?: 'affine';
  /** Largest absolute log-scale of one layer, approached smoothly (tanh). Default 3. */
  readonly maxLogScale?: number;
}

export interface SplineOptions {
  readonly kind: 'spline';
  /** Default 8. */
  readonly numBins?: number;
  /** Half width of the interval of the spline, in standard deviations. Default 5. */
  readonly bound?: number;
}

export interface SmoothOptions {
  readonly kind: 'smooth';
  /** Default 16. */
  readonly numSigmoids?: number;
  /** Largest logarithm of a sigmoid's slope, approached smoothly (tanh). Default 4. */
  readonly maxLogSlope?: number;
}

export type TransformOptions = AffineOptions | SplineOptions | SmoothOptions;

export interface AutoregressiveOptions extends LayeredOptions {
  readonly kind: 'maf';
  /** Default: affine. */
  readonly transform?: TransformOptions;
}

export interface MixtureOptions {
  readonly kind: 'mixture';
  /** Default 10. */
  readonly numComponents?: number;
  /** Width of each hidden layer of the network. Default [128, 128]. */
  readonly hiddenUnits?: readonly number[];
}

export type BijectiveArchitecture = (TransformOptions & LayeredOptions) | AutoregressiveOptions;

/** A flow by name with its options, without the sizes, which follow from the data. Default kind: `affine`. */
export type FlowArchitecture = BijectiveArchitecture | MixtureOptions;

export type FlowOptions = FlowSizes & FlowArchitecture;

/**
 * The architecture of a conditional density q(y | context), by name:
 *
 * - `affine`, `spline`, `smooth`: coupling layers, each of which moves one part of the coordinates by functions of the other part
 *   and the context. Densities and draws cost the same.
 * - `maf`: masked autoregressive layers, in which each coordinate moves by a function of those before it. Draws cost `dimension`
 *   times as much as densities.
 * - `mixture`: a mixture density network. Not a bijection; separate modes need no bridge.
 *
 * Source: Dinh et al. (2016), arXiv 1605.08803, eqs. 7-9 (affine); Durkan et al. (2019), arXiv 1906.04032, eqs. 4-8 (spline);
 * Koehler et al. (2021), arXiv 2110.00351 (smooth); Papamakarios et al. (2017), arXiv 1705.07057, eqs. 3-4 (maf); Bishop (1994),
 * mixture density networks; mixing matrices as in Kingma & Dhariwal (2018), arXiv 1807.03039, eq. 10, without its permutation.
 * Differs: y and the context are standardised inside.
 *
 * @throws {InvalidArgumentError} if a size is not a whole number in range.
 */
export function createFlow(options: FlowSizes & BijectiveArchitecture): BijectiveFlow;
export function createFlow(options: FlowOptions): Flow;
export function createFlow(options: FlowOptions): Flow {
  const { dimension, contextDimension, hiddenUnits = [128, 128] } = options;
  requireWhole('dimension', dimension, 1);
  requireWhole('contextDimension', contextDimension, 0);
  requireWidths(hiddenUnits, options.kind === 'maf' ? Math.max(1, dimension - 1) : 1);
  const sizes = { dimension, contextDimension, hiddenUnits: [...hiddenUnits] };
  if (options.kind === 'mixture') {
    const { numComponents = 10 } = options;
    requireWhole('numComponents', numComponents, 1);
    return { kind: 'mixture', ...sizes, numComponents };
  }
  const { numLayers = 4, mixing = 'linear' } = options;
  requireWhole('numLayers', numLayers, 1);
  const layered = { ...sizes, numLayers, mixing };
  return options.kind === 'maf'
    ? { kind: 'maf', ...layered, transform: transformFrom(options.transform ?? {}) }
    : { ...layered, ...transformFrom(options) };
}

/** The options of a transform with their defaults, checked. */
function transformFrom(options: TransformOptions): Transform {
  if (options.kind === 'spline') {
    const { numBins = 8, bound = 5 } = options;
    requireWhole('numBins', numBins, 2);
    // Each bin holds at least a thousandth of the interval, and half of it is left to be shared out.
    if (numBins > 500) {
      throw new InvalidArgumentError(
        'numBins',
        `flows.createFlow: numBins must be at most 500; got ${numBins}.`,
      );
    }
    requirePositive('bound', bound, 1e3);
    return { kind: 'spline', numBins, bound };
  }
  if (options.kind === 'smooth') {
    const { numSigmoids = 16, maxLogSlope = 4 } = options;
    requireWhole('numSigmoids', numSigmoids, 1);
    requirePositive('maxLogSlope', maxLogSlope, 8);
    return { kind: 'smooth', numSigmoids, maxLogSlope };
  }
  const { maxLogScale = 3 } = options;
  requirePositive('maxLogScale', maxLogScale, 20);
  return { kind: 'affine', maxLogScale };
}

function requireWidths(hiddenUnits: readonly number[], smallest: number): void {
  hiddenUnits.forEach((units) => {
    requireWhole('hiddenUnits', units, smallest);
  });
  if (hiddenUnits.length > 0) return;
  throw new InvalidArgumentError(
    'hiddenUnits',
    'flows.createFlow: hiddenUnits must name at least one layer; got none.',
  );
}

function requireWhole(argument: string, value: number, smallest: number): void {
  if (Number.isInteger(value) && value >= smallest) return;
  throw new InvalidArgumentError(
    argument,
    `flows.createFlow: ${argument} must be a whole number of at least ${smallest}; got ${value}.`,
  );
}

function requirePositive(argument: string, value: number, largest: number): void {
  if (value > 0 && value <= largest) return;
  throw new InvalidArgumentError(
    argument,
    `flows.createFlow: ${argument} must be in (0, ${largest}]; got ${value}.`,
  );
}
