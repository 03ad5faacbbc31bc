import { foldIn, InvalidArgumentError, permutation } from '@lensfield/kernels';
import { type ValidSimulations, validSimulations } from '../simulation-ledger.ts';
import { type EstimationOptions, HELD_OUT } from './estimation-options.ts';

/** Usable simulations in two parts. */
export interface SetAside {
  readonly training: ValidSimulations;
  /** For calibration. */
  readonly heldOut: ValidSimulations;
}

/** Sorts out what cannot be used, and separates the rows for calibration unless they were given. */
export function setAside(where: string, options: EstimationOptions<unknown>): SetAside {
  const valid = validSimulations(where, options.prior, options);
  if (options.heldOut) {
    return { training: valid, heldOut: validSimulations(where, options.prior, options.heldOut) };
  }
  const n = valid.ledger.numUsed;
  const numHeldOut = options.numHeldOut ?? Math.min(500, Math.max(50, Math.round(n / 10)));
  if (!Number.isInteger(numHeldOut) || numHeldOut < 20 || n - numHeldOut < 20) {
    throw new InvalidArgumentError(
      'numHeldOut',
      `${where}: numHeldOut must be at least 20 and leave 20 of the ${n} usable simulations; got ${numHeldOut}. Simulate more.`,
    );
  }
  const order = permutation(foldIn(options.key, HELD_OUT), n);
  return {
    heldOut: rowsOf(valid, order.subarray(0, numHeldOut)),
    training: rowsOf(valid, order.subarray(numHeldOut)),
  };
}

function rowsOf(valid: ValidSimulations, rows: Int32Array): ValidSimulations {
  return {
    ledger: valid.ledger,
    unconstrained: pickRows(valid.unconstrained, rows),
    theta: pickRows(valid.theta, rows),
    summaries: pickRows(valid.summaries, rows),
  };
}

/** The given rows of an array [n, width]. */
export function pickRows<T extends Float32Array | Float64Array>(
  array: { readonly shape: readonly number[]; readonly data: T },
  rows: Int32Array,
): { readonly shape: readonly number[]; readonly data: T } {
  const width = array.shape[1];
  const data = new (array.data.constructor as new (length: number) => T)(rows.length * width);
  rows.forEach((row, i) => {
    data.set(array.data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { shape: [rows.length, width], data };
}
