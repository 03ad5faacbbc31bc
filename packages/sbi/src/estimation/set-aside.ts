import { foldIn, InvalidArgumentError, permutation } from '@lensfield/kernels';
import { pickRows } from '@lensfield/tensors';
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
