import type { FloatArray, NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from './errors.ts';

/** Numbers in any container that a picture reads from and never writes to. */
export type Numbers = ArrayLike<number>;

/** Where a value stands, for the message: the public function and the argument as the caller wrote it. */
export interface Place {
  readonly plot: string;
  readonly argument: string;
}

/** Throws `plots.<plot>: <argument> must <rule>; got <got>. <remedy>` unless `holds`. */
export function requireThat(
  holds: boolean,
  { plot, argument }: Place,
  rule: string,
  got: unknown,
  remedy = '',
): asserts holds {
  if (holds) return;
  const end = remedy === '' ? '' : ` ${remedy}`;
  throw new InvalidArgumentError(argument, `plots.${plot}: ${argument} must ${rule}; got ${got}.${end}`);
}

export function requireFinite(values: Numbers, place: Place): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      requireThat(false, place, 'be finite', `${values[i]} at index ${i}`, 'Remove or repair these values.');
    }
  }
}

export function requireLength(values: ArrayLike<unknown>, length: number, place: Place, remedy = ''): void {
  requireThat(values.length === length, place, `have length ${length}`, values.length, remedy);
}

/** At least one finite number and no other kind. */
export function requireNumbers(values: Numbers, place: Place): void {
  requireThat(values.length > 0, place, 'hold at least one number', 'an empty array');
  requireFinite(values, place);
}

/** A table of draws [n, columns] with n >= 2, all finite. */
export function requireTable(table: NdArray<FloatArray>, columns: number, place: Place): void {
  const shape = `[${table.shape.join(', ')}]`;
  requireThat(
    table.shape.length === 2 && table.shape[1] === columns,
    place,
    `have shape [n, ${columns}]`,
    shape,
    'One column per label.',
  );
  requireThat(table.shape[0] >= 2, place, 'hold at least two draws', shape);
  requireLength(table.data, table.shape[0] * columns, { ...place, argument: `${place.argument}.data` });
  requireFinite(table.data, place);
}

/** An interval [low, high] with low < high. */
export function requireInterval(interval: Numbers, place: Place): void {
  requireThat(
    interval.length === 2 && interval[0] < interval[1],
    place,
    'be [low, high] with low below high',
    `[${Array.from(interval).join(', ')}]`,
  );
}
