import * as core from '@tensorflow/tfjs-core';
import { ACTIVATION_GRADIENT, type FusedActivation } from '../ops/activation-gradient.ts';
import { IRFFT2, IRFFT2_ADJOINT, RFFT2, RFFT2_ADJOINT } from '../ops/fourier.ts';
import { SILU } from '../ops/silu.ts';

type Tensor = core.Tensor;
type Compute = (inputs: Record<string, Tensor>, attributes: core.NamedAttrMap) => Tensor;

/** TensorFlow's own ops, by name: what the backend of `@tensorflow/tfjs-node` offers beside its kernels. */
interface RawOps {
  executeSingleInput(name: string, input: Tensor): Tensor;
}

function raw(name: string, x: Tensor): Tensor {
  return (core.backend() as unknown as RawOps).executeSingleInput(name, x);
}

const silu = (x: Tensor) => core.mul(x, core.sigmoid(x));

/** dy times slope, from the output (from the input for softplus and silu); a NaN stays one. */
const activationGradient: Record<FusedActivation, (dy: Tensor, value: Tensor, alpha: number) => Tensor> = {
  relu: (dy, y) => core.where(core.greater(y, 0), dy, core.mul(dy, y)),
  leakyRelu: (dy, y, alpha) =>
    core.where(core.greater(y, 0), dy, core.mul(dy, core.add(core.mul(y, 0), alpha))),
  tanh: (dy, y) => core.mul(dy, core.sub(1, core.square(y))),
  sigmoid: (dy, y) => core.mul(dy, core.mul(y, core.sub(1, y))),
  elu: (dy, y) => core.where(core.greater(y, 0), dy, core.mul(dy, core.add(y, 1))),
  softplus: (dy, x) => core.mul(dy, core.sigmoid(x)),
  silu: (dy, x) => {
    const s = core.sigmoid(x);
    return core.mul(dy, core.mul(s, core.add(1, core.mul(x, core.sub(1, s)))));
  },
};

/** Half plane of complex numbers as pairs along a last axis, and back. */
function pairs(modes: Tensor): Tensor {
  return core.stack([core.real(modes), core.imag(modes)], -1);
}

function complexOf(modes: Tensor): Tensor {
  const [re, im] = core.unstack(modes, -1);
  return core.complex(re!, im!);
}

/** How often each column of the half plane stands in the plane, as [columns / 2 + 1, 1]. */
function multiplicity(columns: number): Tensor {
  const half = Math.floor(columns / 2) + 1;
  const values = Array.from({ length: half }, (_, l) => (l === 0 || 2 * l === columns ? 1 : 2));
  return core.tensor2d(values, [half, 1]);
}

const toModes = (x: Tensor) => pairs(rawTransform('RFFT2D', x, x.shape.slice(-2)));
const toMap = (modes: Tensor, columns: number) =>
  rawTransform('IRFFT2D', complexOf(modes), [modes.shape.at(-3)!, columns]);

/** A transform of the last two axes, whose op takes their lengths as a second input. */
function rawTransform(name: 'RFFT2D' | 'IRFFT2D', x: Tensor, lengths: number[]): Tensor {
  const backend = core.backend() as unknown as {
    binding: { TF_ATTR_TYPE: number; TF_FLOAT: number; TF_COMPLEX64: number };
    executeSingleOutput(name: string, attributes: object[], inputs: Tensor[]): Tensor;
  };
  const { TF_ATTR_TYPE: type, TF_FLOAT, TF_COMPLEX64 } = backend.binding;
  const attributes = [
    { name: 'Treal', type, value: TF_FLOAT },
    { name: 'Tcomplex', type, value: TF_COMPLEX64 },
  ];
  return backend.executeSingleOutput(name, attributes, [x, core.tensor1d(lengths, 'int32')]);
}

const computations: Record<string, Compute> = {
  LogSoftmax: ({ logits }) => raw('LogSoftmax', logits!),
  [SILU]: ({ x }) => silu(x!),
  [ACTIVATION_GRADIENT]: ({ dy, value }, { activation, alpha }) =>
    activationGradient[activation as FusedActivation](dy!, value!, (alpha as number) ?? 0),
  [RFFT2]: ({ x }) => toModes(x!),
  [IRFFT2]: ({ x }, { columns }) => toMap(x!, columns as number),
  // The transpose of the transform sums each mode once: the inverse, without norm and without the mirrored modes.
  [RFFT2_ADJOINT]: ({ x }, { columns }) => {
    const map = toMap(core.div(x!, multiplicity(columns as number)), columns as number);
    return core.mul(map, x!.shape.at(-3)! * (columns as number));
  },
  [IRFFT2_ADJOINT]: ({ x }, { columns }) => {
    const norm = x!.shape.at(-2)! * (columns as number);
    return core.mul(toModes(x!), core.div(multiplicity(columns as number), norm));
  },
};

/** Ops of ours as compositions of TensorFlow's: on its threads, without a copy to JavaScript and back. */
export function registerTensorflowKernels(backendName: string): void {
  for (const [kernelName, compute] of Object.entries(computations)) {
    core.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        core.tidy(() => compute(inputs as Record<string, Tensor>, attrs ?? {})),
    });
  }
}
