import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import * as core from '@tensorflow/tfjs-core';
import { NORMALISE, NORMALISE_GRADIENT, type NormaliseAttributes } from '../ops/normalise.ts';
import { type InputGradients, isRecording } from './_definition.ts';

const { add, mul, reshape, sub, sum } = core;

/** Means over length and width, one axis at a time: no transposed copy. */
function means(x: Tensor): Tensor {
  return core.mean(core.mean(x, 1, true), 3, true);
}

/** The gradient from ops that can be differentiated again, to any order. */
function composed(dy: Tensor, x: Tensor, scale: Tensor, attributes: NormaliseAttributes): InputGradients {
  const { outer, length, groups, width, epsilon } = attributes;
  const shape = [outer, length, groups, width];
  const centred = sub(reshape(x, shape), means(reshape(x, shape)));
  const inverse = core.rsqrt(add(means(core.square(centred)), epsilon));
  const h = mul(centred, inverse);
  const slope = reshape(dy, shape);
  const perChannel = (values: Tensor) => reshape(sum(values, [0, 1]), scale.shape);
  return {
    x: () => {
      const scaled = mul(slope, reshape(scale, [groups, width]));
      const rest = sub(sub(scaled, means(scaled)), mul(h, means(mul(scaled, h))));
      return reshape(mul(rest, inverse), x.shape);
    },
    scale: () => perChannel(mul(slope, h)),
    offset: () => perChannel(slope),
  };
}

/** The gradient in one kernel, where nothing differentiates it again. */
function fused(
  dy: Tensor,
  x: Tensor,
  scale: Tensor,
  moments: Tensor,
  attributes: NamedAttrMap,
): InputGradients {
  const parts: Tensor[] = core.engine().runKernel(NORMALISE_GRADIENT, { dy, x, scale, moments }, attributes);
  const [dx, dscale, doffset] = parts as [Tensor, Tensor, Tensor];
  return { x: () => dx, scale: () => dscale, offset: () => doffset };
}

/** The moments are handed out as constants, so only the normalised values have a gradient. */
const normalise: GradConfig = {
  kernelName: NORMALISE,
  inputsToSave: ['x', 'scale'],
  outputsToSave: [false, true],
  gradFunc: (dys, [x, scale, moments], attributes) => {
    const [dy] = dys as Tensor[];
    return isRecording()
      ? composed(dy!, x!, scale!, attributes as NormaliseAttributes)
      : fused(dy!, x!, scale!, moments!, attributes);
  },
};

export const normaliseGradients: readonly GradConfig[] = [normalise];
