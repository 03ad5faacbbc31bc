import { InvalidArgumentError } from './errors.ts';
import { KERNEL_SIGNATURES, type KernelCalls } from './generated/signatures.ts';
import type { CallListener } from './kernels.ts';
import type { KernelParameter, KernelSignature } from './signature.ts';

export type RawCall = (...args: unknown[]) => number;

/** Holds the listener to an engine's calls, if there is one. */
export interface CallObserver {
  listener?: CallListener | undefined;
}

const CONSTRUCTORS = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array };

function describe(value: unknown): string {
  return value === null || typeof value !== 'object' ? String(value) : value.constructor.name;
}

function checkArgument(where: string, parameter: KernelParameter, value: unknown): void {
  const { name, type } = parameter;
  if (type in CONSTRUCTORS) {
    if (value === null || value instanceof CONSTRUCTORS[type as keyof typeof CONSTRUCTORS]) return;
    throw new InvalidArgumentError(
      name,
      `kernels.${where}: ${name} must be ${type} or null; got ${describe(value)}.`,
    );
  }
  if (typeof value !== 'number')
    throw new InvalidArgumentError(
      name,
      `kernels.${where}: ${name} must be a number; got ${describe(value)}.`,
    );
  if (type === 'int' && (value | 0) !== value)
    throw new InvalidArgumentError(name, `kernels.${where}: ${name} must be an int32; got ${value}.`);
  if (type === 'uint32_t' && value >>> 0 !== value)
    throw new InvalidArgumentError(name, `kernels.${where}: ${name} must be a uint32; got ${value}.`);
}

function checkedCall(signature: KernelSignature, raw: RawCall, observer: CallObserver): RawCall {
  const { name, parameters } = signature;
  return (...args) => {
    if (args.length !== parameters.length)
      throw new InvalidArgumentError(
        'arguments',
        `kernels.${name}: arguments must be ${parameters.length}; got ${args.length}.`,
      );
    for (let i = 0; i < parameters.length; i++) checkArgument(name, parameters[i]!, args[i]);
    const result = raw(...args);
    observer.listener?.(signature, args as Parameters<CallListener>[1]);
    return result;
  };
}

/** Binds every kernel of the sources; `rawCall` gives the unchecked function of one. */
export function checkedCalls(
  observer: CallObserver,
  rawCall: (signature: KernelSignature) => RawCall,
): KernelCalls {
  const entries = KERNEL_SIGNATURES.map((signature) => [
    signature.name,
    checkedCall(signature, rawCall(signature), observer),
  ]);
  return Object.freeze(Object.fromEntries(entries)) as KernelCalls;
}
