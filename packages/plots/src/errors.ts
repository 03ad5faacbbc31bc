const MARKER = Symbol.for('lensfield.error');

/**
 * The caller's mistake; `argument` names what to change. The same form and marker as the errors of every lensfield package, so
 * that `isLensfieldError` of any of them recognises it.
 */
export class InvalidArgumentError extends Error {
  readonly code = 'INVALID_ARGUMENT';
  readonly argument: string;
  readonly [MARKER] = true;

  constructor(argument: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InvalidArgumentError';
    this.argument = argument;
  }
}
