import {
  type BinaryOperation,
  type BroadcastAxis,
  binary,
  broadcastAxes,
  type UnaryOperation,
  unary,
} from '@lensfield/kernels';
import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { ACTIVATION_GRADIENT, type FusedActivation } from '../ops/activation-gradient.ts';
import { SILU } from '../ops/silu.ts';
import {
  define,
  defineForFloats,
  fallBack,
  type KernelDefinition,
  type KernelParameters,
} from './definition.ts';
import type { KernelsBackend } from './kernels-backend.ts';

type Constants = readonly [p?: number, q?: number];

function unaryKernel(
  kernelName: string,
  operation: UnaryOperation,
  constants: (attributes: KernelParameters['attrs']) => Constants = () => [],
): KernelDefinition {
  return defineForFloats(kernelName, ({ inputs, attrs, backend }) => {
    const x = inputs.x!;
    const { info, values } = backend.output(x.shape);
    unary(backend.kernels, operation, backend.floats(x), values, constants(attrs));
    return info;
  });
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** a (operation) b as a new tensor, with broadcasting. */
export function applyBinary(
  backend: KernelsBackend,
  operation: BinaryOperation,
  a: TensorInfo,
  b: TensorInfo,
): TensorInfo {
  const isSame = sameShape(a.shape, b.shape);
  const { info, values } = backend.output(
    isSame ? a.shape : backend_util.assertAndGetBroadcastShape(a.shape, b.shape),
  );
  const axes: BroadcastAxis[] = isSame ? [[values.length, 1, 1]] : broadcastAxes(a.shape, b.shape);
  if (values.length > 0)
    binary(backend.kernels, operation, backend.floats(a), backend.floats(b), values, axes);
  return info;
}

function binaryKernel(kernelName: string, operation: BinaryOperation): KernelDefinition {
  return defineForFloats(kernelName, ({ inputs, backend }) =>
    applyBinary(backend, operation, inputs.a!, inputs.b!),
  );
}

/** Exponents that need no power function, as chains of element-wise operations. */
const SIMPLE_POWERS: ReadonlyMap<number, readonly UnaryOperation[]> = new Map([
  [1, []],
  [2, ['square']],
  [4, ['square', 'square']],
  [0.5, ['sqrt']],
  [-0.5, ['rsqrt']],
  [-1, ['reciprocal']],
  [-2, ['square', 'reciprocal']],
]);

const pow = defineForFloats('Pow', (parameters) => {
  const { inputs, backend } = parameters;
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const isScalar = util.sizeFromShape(b.shape) === 1 && b.shape.length <= a.shape.length;
  backend.trace?.requireKnownInputs('Pow', [b]);
  const chain = isScalar ? SIMPLE_POWERS.get(backend.floats(b)[0]!) : undefined;
  if (!chain) return fallBack('Pow', parameters);
  if (chain.length === 0) return backend.view(a, a.shape);
  const { info, values } = backend.output(a.shape);
  if (values.length === 0) return info;
  chain.forEach((operation, i) => {
    unary(backend.kernels, operation, i === 0 ? backend.floats(a) : values, values);
  });
  return info;
});

const activationOperations: Record<Exclude<FusedActivation, 'leakyRelu'>, BinaryOperation> = {
  relu: 'reluGradient',
  tanh: 'tanhGradient',
  sigmoid: 'sigmoidGradient',
  elu: 'eluGradient',
  softplus: 'softplusGradient',
  silu: 'siluGradient',
};

const activationGradient = define(ACTIVATION_GRADIENT, ({ inputs, attrs, backend }) => {
  const { dy, value } = inputs as { dy: TensorInfo; value: TensorInfo };
  const activation = attrs.activation as FusedActivation;
  if (activation !== 'leakyRelu') return applyBinary(backend, activationOperations[activation], dy, value);
  const { info, values } = backend.output(dy.shape);
  const { call } = backend.kernels;
  const alpha = attrs.alpha as number;
  if (values.length > 0) {
    call.lf_leaky_relu_gradient(backend.floats(dy), backend.floats(value), values, values.length, alpha);
  }
  return info;
});

const addN = define('AddN', (parameters) => {
  const { backend } = parameters;
  const tensors = parameters.inputs as unknown as TensorInfo[];
  if (tensors.some(({ dtype }) => dtype !== 'float32')) return fallBack('AddN', parameters);
  return tensors.slice(1).reduce(
    (total, next) => {
      const sum = applyBinary(backend, 'add', total, next);
      backend.disposeIntermediateTensorInfo(total);
      return sum;
    },
    backend.view(tensors[0]!, tensors[0]!.shape),
  );
});

const unaryKernels: KernelDefinition[] = [
  unaryKernel('Neg', 'negate'),
  unaryKernel('Abs', 'abs'),
  unaryKernel('Square', 'square'),
  unaryKernel('Reciprocal', 'reciprocal'),
  unaryKernel('Sqrt', 'sqrt'),
  unaryKernel('Rsqrt', 'rsqrt'),
  unaryKernel('Exp', 'exp'),
  unaryKernel('Expm1', 'expm1'),
  unaryKernel('Log', 'log'),
  unaryKernel('Log1p', 'log1p'),
  unaryKernel('Tanh', 'tanh'),
  unaryKernel('Sigmoid', 'sigmoid'),
  unaryKernel('Softplus', 'softplus'),
  unaryKernel('Erf', 'erf'),
  unaryKernel('Relu', 'relu'),
  unaryKernel('LeakyRelu', 'leakyRelu', ({ alpha }) => [alpha as number]),
  unaryKernel('Elu', 'elu'),
  unaryKernel(SILU, 'silu'),
  unaryKernel('Floor', 'floor'),
  unaryKernel('Ceil', 'ceil'),
  unaryKernel('Round', 'round'),
  unaryKernel('Sign', 'sign'),
  unaryKernel('Step', 'step', ({ alpha }) => [alpha as number]),
  unaryKernel('ClipByValue', 'clip', ({ clipValueMin, clipValueMax }) => [
    clipValueMin as number,
    clipValueMax as number,
  ]),
];

export const elementwiseKernels: readonly KernelDefinition[] = [
  ...unaryKernels,
  binaryKernel('Add', 'add'),
  binaryKernel('Sub', 'subtract'),
  binaryKernel('Multiply', 'multiply'),
  binaryKernel('RealDiv', 'divide'),
  binaryKernel('Maximum', 'maximum'),
  binaryKernel('Minimum', 'minimum'),
  binaryKernel('SquaredDifference', 'squaredDifference'),
  pow,
  addN,
  activationGradient,
];
