import type { ConstrainedPoint, FloatArray, Key, NdArray, Prior } from '@lensfield/contracts';
import { InvalidArgumentError, normalFloat64 } from '@lensfield/kernels';
import { requireFinite } from './distributions/checks.ts';
import type { Distribution } from './distributions/distribution.ts';
import type { PriorSpecification } from './distributions/specification.ts';

/** A parameter that is held at one value: see {@link fixed}. */
export interface FixedValue {
  readonly fixed: number;
}

/** Holds a parameter at `value`: it is given to the simulator and not inferred. */
export function fixed(value: number): FixedValue {
  requireFinite('sbi.fixed', 'value', value);
  return { fixed: value };
}

/** A part of a prior's support that holds only some of its mass. */
export interface PriorRegion {
  /** Whether each row of theta, shape [n, names.length], lies inside. */
  containsMany(theta: NdArray<FloatArray>): boolean[];
  /** Share of the whole prior's mass inside, as measured. */
  readonly mass: number;
  /** The prior before it was first cut. */
  readonly whole: JointPrior;
}

/**
 * A product prior over named parameters. Inference sees the free ones (`names`, `theta`); a simulator sees all of them
 * (`parameterNames`, by `complete`).
 */
export interface JointPrior extends Prior {
  /** Every parameter, free and fixed, in the order given. */
  readonly parameterNames: readonly string[];
  /** The values of the fixed parameters. */
  readonly fixed: Readonly<Record<string, number>>;
  /** Plain data that makes the same prior again: see `priorOf`. */
  readonly specification: PriorSpecification;
  /** The part of the support to which a prior was cut: see `truncatePrior`. Absent where all of it is left. */
  readonly region?: PriorRegion;
  /** `names`' values joined with the fixed ones: [n * names.length] to [n * parameterNames.length], row by row. */
  complete(theta: ArrayLike<number>): Float64Array;
}

/**
 * A prior in which the parameters are independent.
 *
 * `toUnconstrained` gives u_i = Phi^-1(F_i(theta_i)), so the prior is standard normal in u and the Jacobian is diagonal;
 * a point outside the support is refused, and a point on a bound has an infinite u. The first rows of `sample(key, n)` do
 * not depend on n.
 *
 * @param parameters  A distribution or a fixed value for each name, in the order that theta will have.
 * @throws {InvalidArgumentError} if no parameter is free.
 */
export function jointPrior(parameters: Readonly<Record<string, Distribution | FixedValue>>): JointPrior {
  const parameterNames = Object.keys(parameters);
  const isFree = (name: string) => !('fixed' in parameters[name]!);
  const names = parameterNames.filter(isFree);
  if (names.length === 0) {
    throw new InvalidArgumentError(
      'parameters',
      `sbi.jointPrior: parameters must leave at least one free; got ${parameterNames.length} fixed. Give one a distribution.`,
    );
  }
  const distributions = names.map((name) => parameters[name] as Distribution);
  const fixedValues = Object.fromEntries(
    parameterNames.filter((n) => !isFree(n)).map((n) => [n, (parameters[n] as FixedValue).fixed]),
  );
  const completion = parameterNames.map((name) =>
    isFree(name) ? { index: names.indexOf(name) } : { value: fixedValues[name]! },
  );
  return {
    names,
    parameterNames,
    fixed: fixedValues,
    bounds: distributions.map((d) => d.bounds),
    specification: specificationOf(parameters),
    sample: (key, n) => sampleRows(distributions, key, n),
    logProb: (theta) => sumOfLogProb(distributions, theta),
    toUnconstrained: (theta) => toUnconstrained(names, distributions, theta),
    fromUnconstrained: (u) => fromUnconstrained(distributions, u),
    complete: (theta) => completeRows(completion, names.length, theta),
  };
}

function specificationOf(
  parameters: Readonly<Record<string, Distribution | FixedValue>>,
): PriorSpecification {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, p]) => [
      name,
      'fixed' in p ? { distribution: 'fixed' as const, value: p.fixed } : p.specification,
    ]),
  );
}

function sampleRows(distributions: readonly Distribution[], key: Key, n: number): NdArray<Float64Array> {
  const size = distributions.length;
  const data = normalFloat64(key, n * size);
  for (let i = 0; i < data.length; i++) data[i] = distributions[i % size]!.fromNormal(data[i]!).value;
  return { shape: [n, size], data };
}

function sumOfLogProb(distributions: readonly Distribution[], theta: Float64Array): number {
  requireLength('logProb', theta, distributions.length);
  let total = 0;
  for (let i = 0; i < theta.length; i++) total += distributions[i]!.logProb(theta[i]!);
  return total;
}

function toUnconstrained(
  names: readonly string[],
  distributions: readonly Distribution[],
  theta: Float64Array,
): Float64Array {
  requireLength('toUnconstrained', theta, distributions.length);
  return theta.map((value, i) => {
    const [low, high] = distributions[i]!.bounds;
    if (!(value >= low && value <= high)) {
      throw new InvalidArgumentError(
        'theta',
        `sbi.toUnconstrained: ${names[i]} must be in [${low}, ${high}]; got ${value}.`,
      );
    }
    return distributions[i]!.toNormal(value);
  });
}

function fromUnconstrained(distributions: readonly Distribution[], u: Float64Array): ConstrainedPoint {
  const size = distributions.length;
  requireLength('fromUnconstrained', u, size);
  const theta = new Float64Array(size);
  const jacobian = new Float64Array(size * size);
  let logJacobian = 0;
  for (let i = 0; i < size; i++) {
    const { value, derivative } = distributions[i]!.fromNormal(u[i]!);
    theta[i] = value;
    jacobian[i * size + i] = derivative;
    logJacobian += Math.log(derivative);
  }
  return { theta, jacobian, logJacobian };
}

function completeRows(
  completion: readonly ({ index: number } | { value: number })[],
  numFree: number,
  theta: ArrayLike<number>,
): Float64Array {
  const numRows = theta.length / numFree;
  if (!Number.isInteger(numRows)) {
    throw new InvalidArgumentError(
      'theta',
      `sbi.complete: theta must hold rows of ${numFree} values; got ${theta.length} values.`,
    );
  }
  const full = new Float64Array(numRows * completion.length);
  for (let row = 0; row < numRows; row++) {
    completion.forEach((source, j) => {
      full[row * completion.length + j] =
        'index' in source ? theta[row * numFree + source.index]! : source.value;
    });
  }
  return full;
}

function requireLength(functionName: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length) {
    throw new InvalidArgumentError(
      'theta',
      `sbi.${functionName}: the point must have ${length} values; got ${values.length}.`,
    );
  }
}
