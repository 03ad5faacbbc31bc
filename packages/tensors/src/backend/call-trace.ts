import type { KernelArray } from '@lensfield/kernels';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelFunction, KernelParameters } from './definition.ts';

/** What a backend tells the trace of a step, while there is one. */
export interface CallTrace {
  /** An array was taken for a new tensor. */
  created(array: KernelArray): void;
  /** An array was filled with numbers from JavaScript. */
  written(array: KernelArray): void;
  /** The array of a disposed tensor goes back to the pool. */
  released(array: KernelArray): void;
  /** Runs a kernel of the backend, and refuses it if it cannot be replayed. */
  kernel(name: string, parameters: KernelParameters, run: KernelFunction): TensorInfo | TensorInfo[];
  /** Refuses to hand out numbers that depend on the step's inputs. */
  requireKnown(array: KernelArray): void;
  /** Refuses a kernel of the CPU backend unless its inputs are constants. */
  requireKnownInputs(name: string, inputs: readonly TensorInfo[]): void;
}
