const MARKER = Symbol.for('lensfield.error');

export type LensfieldErrorCode = 'INVALID_ARGUMENT' | 'UNSUPPORTED' | 'NUMERICAL';

/** What went wrong, said so that the reader can mend it: `<where>: <what> must <rule>; got <value>. <remedy>` */
class LensfieldError extends Error {
  readonly code: LensfieldErrorCode;
  readonly [MARKER] = true;

  constructor(code: LensfieldErrorCode, name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = name;
  }
}

/** The caller's mistake. `argument` names what to change. */
export class InvalidArgumentError extends LensfieldError {
  readonly argument: string;

  constructor(argument: string, message: string, options?: ErrorOptions) {
    super('INVALID_ARGUMENT', 'InvalidArgumentError', message, options);
    this.argument = argument;
  }
}

/** A backend or feature that is not there. */
export class UnsupportedError extends LensfieldError {
  constructor(message: string, options?: ErrorOptions) {
    super('UNSUPPORTED', 'UnsupportedError', message, options);
  }
}

/** A number that came out wrong where the method does not allow it. `quantity` names it. */
export class NumericalError extends LensfieldError {
  readonly quantity: string;

  constructor(quantity: string, message: string, options?: ErrorOptions) {
    super('NUMERICAL', 'NumericalError', message, options);
    this.quantity = quantity;
  }
}

/** True for errors of any lensfield package, also when several versions are installed side by side. */
export function isLensfieldError(error: unknown, code?: LensfieldErrorCode): error is LensfieldError {
  const candidate = error as { [MARKER]?: boolean; code?: LensfieldErrorCode } | null;
  return candidate?.[MARKER] === true && (code === undefined || candidate.code === code);
}
