import type { FloatArray, NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';

/** What a message says of a function and its argument: `diagnostics.<where>: <name> must ...`. */
export interface Argument {
  readonly where: string;
  readonly name: string;
}

export function invalid(
  { where, name }: Argument,
  rule: string,
  got: string,
  remedy = '',
): InvalidArgumentError {
  return new InvalidArgumentError(
    name,
    `diagnostics.${where}: ${name} must ${rule}; got ${got}.${remedy ? ` ${remedy}` : ''}`,
  );
}

/** Checks the number of axes, that the data fit the shape and that every value is finite. `axes` names them, as `[n, d]`. */
export function checkArray(array: NdArray<FloatArray>, axes: string, argument: Argument): void {
  const { shape, data } = array;
  const numAxes = axes.split(',').length;
  if (shape.length !== numAxes || shape.reduce((product, n) => product * n, 1) !== data.length) {
    throw invalid(
      argument,
      `have shape ${axes} that fits its values`,
      `[${shape.join(', ')}] with ${data.length} values`,
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw invalid(
      argument,
      'be finite',
      `${data[bad]} at index ${bad}`,
      'Find what made it before you judge the rest.',
    );
  }
}

export function checkWholeNumber(value: number, low: number, argument: Argument): void {
  if (!Number.isSafeInteger(value) || value < low)
    throw invalid(argument, `be a whole number >= ${low}`, String(value));
}
