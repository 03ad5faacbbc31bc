import type { NdArray } from '@lensfield/contracts';
import { InvalidArgumentError, NumericalError, UnsupportedError } from '@lensfield/kernels';
import type { ChainOptions } from './chain.ts';
import type { ChainResult } from './chain-result.ts';
import type { ChainProgress } from './run-chain.ts';
import type { TargetModule } from './target.ts';

/** What a worker is told. */
export interface ChainTask {
  readonly target: TargetModule;
  readonly options: ChainOptions;
  readonly minutes?: number;
  readonly checkpointMinutes?: number;
  readonly checkpointFile?: string;
  readonly resume?: Uint8Array;
  /** Becomes 1 when the chain is to stop. */
  readonly stopFlag: Int32Array;
}

/** What a worker tells. */
export type ChainMessage =
  | { readonly kind: 'progress'; readonly progress: ChainProgress }
  | { readonly kind: 'draws'; readonly draws: NdArray<Float64Array> }
  | { readonly kind: 'result'; readonly result: ChainResult; readonly checkpoint: Uint8Array }
  | { readonly kind: 'error'; readonly error: ErrorData };

/** An error as data: classes do not survive the way between threads. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly subject: string;
}

export function errorData(error: unknown): ErrorData {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), subject: '' };
  const { argument, quantity } = error as { argument?: string; quantity?: string };
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    subject: argument ?? quantity ?? '',
  };
}

export function errorOf({ name, message, stack, subject }: ErrorData): Error {
  if (name === 'InvalidArgumentError') return new InvalidArgumentError(subject, message);
  if (name === 'NumericalError') return new NumericalError(subject, message);
  if (name === 'UnsupportedError') return new UnsupportedError(message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
