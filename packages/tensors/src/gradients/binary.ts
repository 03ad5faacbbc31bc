import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as core from '@tensorflow/tfjs-core';
import { constantGradient, gradient, sumToShape, untracked } from './_definition.ts';

const { add, cast, div, mul, neg, square, sub } = core;

function mask(condition: () => Tensor): Tensor {
  return untracked(() => cast(condition(), 'float32'));
}

const arithmetic: GradConfig[] = [
  gradient('Add', ['a', 'b'], (dy, [a, b]) => ({
    a: () => sumToShape(dy, a!.shape),
    b: () => sumToShape(dy, b!.shape),
  })),
  gradient('Sub', ['a', 'b'], (dy, [a, b]) => ({
    a: () => sumToShape(dy, a!.shape),
    b: () => neg(sumToShape(dy, b!.shape)),
  })),
  gradient('Multiply', ['a', 'b'], (dy, [a, b]) => ({
    a: () => sumToShape(mul(dy, cast(b!, 'float32')), a!.shape),
    b: () => sumToShape(mul(dy, cast(a!, 'float32')), b!.shape),
  })),
  gradient('RealDiv', ['a', 'b'], (dy, [a, b]) => ({
    a: () => sumToShape(div(dy, cast(b!, 'float32')), a!.shape),
    b: () => neg(sumToShape(div(mul(dy, cast(a!, 'float32')), square(cast(b!, 'float32'))), b!.shape)),
  })),
  gradient('SquaredDifference', ['a', 'b'], (dy, [a, b]) => ({
    a: () => sumToShape(mul(dy, mul(2, sub(a!, b!))), a!.shape),
    b: () => sumToShape(mul(dy, mul(2, sub(b!, a!))), b!.shape),
  })),
];

const powers: GradConfig[] = [
  gradient('Pow', ['a', 'b'], (dy, [a, b]) => ({
    a: () => sumToShape(mul(dy, mul(b!, core.pow(a!, sub(b!, 1)))), a!.shape),
    // log a is only defined for a > 0; elsewhere the exponent is taken as a constant, as TensorFlow does.
    b: () => {
      const positive = untracked(() => core.greater(a!, 0));
      const logA = core.where(
        positive,
        core.log(core.where(positive, a!, core.onesLike(a!))),
        core.zerosLike(a!),
      );
      return sumToShape(mul(dy, mul(core.pow(a!, b!), logA)), b!.shape);
    },
  })),
  gradient('Atan2', ['a', 'b'], (dy, [a, b]) => ({
    a: () => sumToShape(mul(dy, div(b!, add(square(a!), square(b!)))), a!.shape),
    b: () => neg(sumToShape(mul(dy, div(a!, add(square(a!), square(b!)))), b!.shape)),
  })),
];

const selections: GradConfig[] = [
  // At a tie the whole gradient goes to `a`, so that the two parts always add up to dy.
  gradient('Maximum', ['a', 'b'], (dy, [a, b]) => ({
    a: () =>
      sumToShape(
        mul(
          dy,
          mask(() => core.greaterEqual(a!, b!)),
        ),
        a!.shape,
      ),
    b: () =>
      sumToShape(
        mul(
          dy,
          mask(() => core.less(a!, b!)),
        ),
        b!.shape,
      ),
  })),
  gradient('Minimum', ['a', 'b'], (dy, [a, b]) => ({
    a: () =>
      sumToShape(
        mul(
          dy,
          mask(() => core.lessEqual(a!, b!)),
        ),
        a!.shape,
      ),
    b: () =>
      sumToShape(
        mul(
          dy,
          mask(() => core.greater(a!, b!)),
        ),
        b!.shape,
      ),
  })),
  gradient('Select', ['condition'], (dy, [condition]) => ({
    condition: () => core.zeros(condition!.shape),
    t: () => mul(dy, cast(condition!, 'float32')),
    e: () => mul(dy, cast(core.logicalNot(condition!), 'float32')),
  })),
  {
    kernelName: 'AddN',
    saveAllInputs: true,
    gradFunc: (dy, saved) =>
      Object.fromEntries(saved.map((_, i) => [String(i), () => core.clone(dy as Tensor)])),
  },
];

/** Gradients with broadcasting: each is summed over the axes along which its input was broadcast. */
export const binaryGradients: readonly GradConfig[] = [
  ...arithmetic,
  ...powers,
  ...selections,
  ...[
    'Equal',
    'NotEqual',
    'Greater',
    'GreaterEqual',
    'Less',
    'LessEqual',
    'LogicalAnd',
    'LogicalOr',
    'FloorDiv',
  ].map((name) => constantGradient(name, ['a', 'b'])),
];
