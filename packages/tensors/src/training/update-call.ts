import { type Kernels, kernelSignature } from '@lensfield/kernels';
import { ADAM_DEFAULTS, type AdamState } from '../adam.ts';
import type { Pins } from '../compile/build-program.ts';
import { newBuffer, type TraceBuffer, type TraceCall } from '../compile/trace-buffer.ts';
import { parameterTree } from '../parameters.ts';
import type { StepSettings } from './step-runner.ts';

/** The arrays of a training in the engine's memory. */
export interface FlatState {
  /** With arrays that programs read and change. */
  readonly optimizer: AdamState;
  /** One gradient after the other, in the layout of the parameters. */
  readonly gradient: Float32Array;
  readonly settings: Float64Array;
  readonly reported: Float64Array;
  /** Sets what the update reads; `step` counts from 1. */
  writeSettings(settings: StepSettings, step: number): void;
  /** What the last update did. */
  report(): { loss: number; isTaken: boolean };
  pinParameters(buffers: Readonly<Record<string, TraceBuffer>>, pins: Pins): void;
  /** Where each gradient goes, by the name that `nameOf` gives it. */
  gradientPlaces(nameOf: (parameter: string) => string): Record<string, Float32Array>;
  dispose(): void;
}

/** Copies the state of an optimiser into the engine's memory. */
export function flatState(kernels: Kernels, source: AdamState): FlatState {
  const { names, shapes, values } = source.parameters;
  const copyOf = (from: Float32Array): Float32Array => {
    const array = kernels.float32(from.length);
    array.set(from);
    return array;
  };
  const parameters = copyOf(values);
  const optimizer: AdamState = {
    step: source.step,
    parameters: { names, shapes, values: parameters },
    mean: copyOf(source.mean),
    variance: copyOf(source.variance),
  };
  const gradient = kernels.float32(values.length);
  const settings = kernels.float64(8);
  const reported = kernels.float64(3);
  const viewsOf = (flat: Float32Array) => Object.entries(parameterTree({ names, shapes, values: flat }));
  return {
    optimizer,
    gradient,
    settings,
    reported,
    writeSettings({ learningRate, weightDecay, clipNorm }, step) {
      const { beta1, beta2, epsilon } = ADAM_DEFAULTS;
      settings[0] = clipNorm;
      settings[1] = learningRate;
      settings[2] = beta1;
      settings[3] = beta2;
      settings[4] = epsilon;
      settings[5] = weightDecay;
      settings[6] = 1 / (1 - beta1 ** step);
      settings[7] = 1 / (1 - beta2 ** step);
    },
    report: () => ({ loss: reported[0]!, isTaken: reported[2] === 1 }),
    pinParameters(buffers, pins) {
      for (const [name, { data }] of viewsOf(parameters)) pins.set(buffers[name]!, data);
    },
    gradientPlaces: (nameOf) =>
      Object.fromEntries(viewsOf(gradient).map(([name, { data }]) => [nameOf(name), data])),
    dispose() {
      const { mean, variance } = optimizer;
      for (const array of [parameters, mean, variance, gradient, settings, reported]) kernels.free(array);
    },
  };
}

const UPDATE = kernelSignature('lf_clipped_adam');

/**
 * The call that ends a training step: clip, Adam, report.
 *
 * @param parts  All results of the step, which are there before the parameters change.
 */
export function pinnedUpdate(
  flat: FlatState,
  loss: TraceBuffer,
  parts: readonly TraceBuffer[],
  pins: Pins,
): { readonly call: TraceCall; readonly report: TraceBuffer } {
  const pinned = (array: Float32Array | Float64Array): TraceBuffer => {
    const buffer = newBuffer(array, 'optimizer', true);
    pins.set(buffer, array);
    return buffer;
  };
  const { optimizer, gradient, settings, reported } = flat;
  const report = pinned(reported);
  const arrays = [gradient, optimizer.parameters.values, optimizer.mean, optimizer.variance].map(pinned);
  const call: TraceCall = {
    signature: UPDATE,
    args: [...arrays, gradient.length, loss, pinned(settings), report],
    parts,
    op: 'optimizer',
    isFolded: false,
  };
  return { call, report };
}
