import type { Key, LogDensityAndGradient } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError, uniform } from '@lensfield/kernels';

/** What a chain samples. */
export interface Target {
  readonly logDensityAndGradient: LogDensityAndGradient;
  readonly dimension: number;
  /** A point to start from. Default: uniform on (-2, 2) in every coordinate, as in Stan. */
  readonly initialPosition?: (key: Key) => Float64Array;
}

/** A target that every worker makes for itself: the module's export is called with the options and gives a {@link Target}. */
export interface TargetModule {
  /** URL of an ES module (`import.meta.url` style), or a package name. */
  readonly module: string;
  /** Name of a function in it: `(options) => Target | Promise<Target>`. */
  readonly export: string;
  /** Anything that can be cloned structurally. */
  readonly options?: unknown;
}

/** @throws {InvalidArgumentError} if the module cannot be loaded, lacks the export, or gives something else. */
export async function loadTarget(target: TargetModule): Promise<Target> {
  const loaded = await import(/* @vite-ignore */ target.module).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw wrongTarget('module', `be a module that can be imported; got ${target.module} (${reason})`, {
      cause,
    });
  });
  const make: unknown = loaded[target.export];
  if (typeof make !== 'function') {
    const names = Object.keys(loaded).join(', ');
    throw wrongTarget(
      'export',
      `be a function of ${target.module}; got ${target.export}, it exports ${names || 'nothing'}`,
    );
  }
  return checkTarget(await make(target.options));
}

/** @throws {InvalidArgumentError} if `target` is not a target. */
export function checkTarget(target: Target): Target {
  const isFunction = typeof target?.logDensityAndGradient === 'function';
  if (isFunction && Number.isSafeInteger(target.dimension) && target.dimension > 0) return target;
  throw wrongTarget(
    'target',
    'have a function logDensityAndGradient and a positive whole dimension; ' +
      `got ${typeof target?.logDensityAndGradient} and ${target?.dimension}`,
  );
}

function wrongTarget(argument: string, rule: string, options?: ErrorOptions): InvalidArgumentError {
  return new InvalidArgumentError(argument, `hmc.runChains: ${argument} must ${rule}.`, options);
}

/** Points that are tried before a chain gives up finding one inside the support: Stan's number. */
const MOST_ATTEMPTS = 100;

/**
 * Where a chain starts: what the target proposes, or the first of up to 100 points uniform on (-2, 2) with a finite log density.
 *
 * @throws {InvalidArgumentError} if none of them is inside the support.
 */
export function initialPositionOf(target: Target, key: Key): Float64Array {
  if (target.initialPosition !== undefined) return target.initialPosition(key);
  const gradient = new Float64Array(target.dimension);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const position = Float64Array.from(uniform(foldIn(key, attempt), target.dimension, { min: -2, max: 2 }));
    const logDensity = target.logDensityAndGradient(position, gradient);
    if (Number.isFinite(logDensity) && gradient.every(Number.isFinite)) return position;
  }
  throw new InvalidArgumentError(
    'initialPosition',
    `hmc.runChains: the log density must be finite somewhere on (-2, 2)^${target.dimension}; ` +
      `got no such point in ${MOST_ATTEMPTS}. Give the target an initialPosition.`,
  );
}
