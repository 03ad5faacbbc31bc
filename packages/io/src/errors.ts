/**
 * `io` stands beside `kernels`, not on it, so it has its own copy of the two error kinds it throws. The shared marker makes
 * `isLensfieldError` of `@lensfield/kernels` know them.
 */
const MARKER = Symbol.for('lensfield.error');

/** The caller's mistake, or a file's. `argument` names what to change. */
export class InvalidArgumentError extends Error {
  override readonly name = 'InvalidArgumentError';
  readonly code = 'INVALID_ARGUMENT';
  readonly [MARKER] = true;
  readonly argument: string;

  constructor(argument: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.argument = argument;
  }
}

/** A valid file with content that this package does not read. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
  readonly code = 'UNSUPPORTED';
  readonly [MARKER] = true;
}
