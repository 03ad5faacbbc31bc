import { UnsupportedError } from '@lensfield/kernels';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as core from '@tensorflow/tfjs-core';
import { activationGradient } from '../ops/activation-gradient.ts';
import { SILU } from '../ops/silu.ts';
import {
  constantGradient,
  differentiableOutput,
  gradient,
  gradientWithOutput,
  isRecording,
  untracked,
} from './_definition.ts';

const { add, cast, cos, cosh, div, exp, mul, neg, scalar, sigmoid, sin, sinh, sqrt, square, sub } = core;

/** d(op)/dx from the input alone. */
function fromInput(kernelName: string, slope: (x: Tensor) => Tensor): GradConfig {
  return gradient(kernelName, ['x'], (dy, [x]) => ({ x: () => mul(dy, slope(x!)) }));
}

/** d(op)/dx from the output, which is computed again from x when a second derivative is wanted. */
function fromOutput(
  kernelName: string,
  forward: (x: Tensor) => Tensor,
  slope: (y: Tensor) => Tensor,
): GradConfig {
  return gradientWithOutput(kernelName, ['x'], (dy, [x, y]) => ({
    x: () => mul(dy, slope(differentiableOutput(y!, () => forward(x!)))),
  }));
}

/** As {@link fromOutput}, with one fused kernel where no second derivative is wanted. */
function fusedFromOutput(
  activation: 'tanh' | 'sigmoid',
  kernelName: string,
  forward: (x: Tensor) => Tensor,
  slope: (y: Tensor) => Tensor,
): GradConfig {
  return gradientWithOutput(kernelName, ['x'], (dy, [x, y]) => ({
    x: () => (isRecording() ? mul(dy, slope(forward(x!))) : activationGradient(activation, dy, y!)),
  }));
}

/** As {@link fromInput}, with one fused kernel where no second derivative is wanted. */
function fusedFromInput(
  activation: 'softplus' | 'silu',
  kernelName: string,
  slope: (x: Tensor) => Tensor,
): GradConfig {
  return gradient(kernelName, ['x'], (dy, [x]) => ({
    x: () => (isRecording() ? mul(dy, slope(x!)) : activationGradient(activation, dy, x!)),
  }));
}

function siluSlope(x: Tensor): Tensor {
  const s = sigmoid(x);
  return mul(s, add(1, mul(x, sub(1, s))));
}

function isPositive(x: Tensor): Tensor {
  return untracked(() => core.step(x));
}

const exponentials: GradConfig[] = [
  fromOutput('Exp', exp, (y) => y),
  fromInput('Expm1', exp),
  fromInput('Log', (x) => core.reciprocal(x)),
  fromInput('Log1p', (x) => core.reciprocal(add(x, 1))),
  fusedFromOutput('tanh', 'Tanh', core.tanh, (y) => sub(1, square(y))),
  fusedFromOutput('sigmoid', 'Sigmoid', sigmoid, (y) => mul(y, sub(1, y))),
  fusedFromInput('softplus', 'Softplus', sigmoid),
  fusedFromInput('silu', SILU, siluSlope),
  fromInput('Sinh', cosh),
  fromInput('Cosh', sinh),
  fromInput('Erf', (x) => mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
];

const powers: GradConfig[] = [
  gradient('Neg', [], (dy) => ({ x: () => neg(dy) })),
  fromInput('Square', (x) => mul(x, 2)),
  fromInput('Sqrt', (x) => div(0.5, sqrt(x))),
  fromInput('Rsqrt', (x) => div(-0.5, mul(x, sqrt(x)))),
  fromInput('Reciprocal', (x) => neg(div(1, square(x)))),
];

const trigonometric: GradConfig[] = [
  fromInput('Sin', cos),
  gradient('Cos', ['x'], (dy, [x]) => ({ x: () => neg(mul(dy, sin(x!))) })),
  fromInput('Tan', (x) => div(1, square(cos(x)))),
  fromInput('Atan', (x) => div(1, add(square(x), 1))),
];

const rectifiers: GradConfig[] = [
  gradient('Abs', ['x'], (dy, [x]) => ({
    x: () =>
      mul(
        dy,
        untracked(() => core.sign(x!)),
      ),
  })),
  // The output says where the slope is 1 as well as the input does, and the next layer keeps it anyway.
  gradientWithOutput('Relu', [], (dy, [y]) => ({ x: () => activationGradient('relu', dy, y!) })),
  gradientWithOutput('LeakyRelu', [], (dy, [y], { alpha }) => ({
    x: () => {
      if ((alpha as number) < 0) {
        throw new UnsupportedError(
          `tensors.leakyRelu: alpha must be at least 0 where a gradient is taken; got ${String(alpha)}.`,
        );
      }
      return activationGradient('leakyRelu', dy, y!, alpha as number);
    },
  })),
  gradientWithOutput('Elu', ['x'], (dy, [x, y]) => ({
    // For x <= 0 the slope is exp(x); min(x, 0) keeps exp finite on the other side.
    x: () => (isRecording() ? mul(dy, exp(core.minimum(x!, scalar(0)))) : activationGradient('elu', dy, y!)),
  })),
  gradient('Selu', ['x'], (dy, [x]) => ({
    x: () => {
      const positive = isPositive(x!);
      const negativeSlope = mul(exp(core.minimum(x!, scalar(0))), 1.7580993408473768);
      return mul(dy, add(mul(positive, 1.0507009873554805), mul(sub(1, positive), negativeSlope)));
    },
  })),
  gradient('ClipByValue', ['x'], (dy, [x], { clipValueMin, clipValueMax }) => ({
    x: () => {
      const inside = untracked(() =>
        core.logicalAnd(
          core.greaterEqual(x!, clipValueMin as number),
          core.lessEqual(x!, clipValueMax as number),
        ),
      );
      return mul(dy, cast(inside, 'float32'));
    },
  })),
];

const structural: GradConfig[] = [
  gradient('Identity', [], (dy) => ({ x: () => core.clone(dy) })),
  gradient('Cast', [], (dy) => ({ x: () => cast(dy, 'float32') })),
  ...[
    'Floor',
    'Ceil',
    'Round',
    'Sign',
    'Step',
    'IsNan',
    'IsInf',
    'IsFinite',
    'LogicalNot',
    'OnesLike',
    'ZerosLike',
  ].map((name) => constantGradient(name, ['x'])),
  constantGradient('OneHot', ['indices']),
];

/** abs' at 0 is 0, relu' at 0 is 0, and both have second derivative 0. */
export const unaryGradients: readonly GradConfig[] = [
  ...exponentials,
  ...powers,
  ...trigonometric,
  ...rectifiers,
  ...structural,
];
