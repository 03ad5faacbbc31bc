import { UnsupportedError } from '@lensfield/kernels';
import { type GradConfig, zerosLike } from '@tensorflow/tfjs-core';
import { ACTIVATION_GRADIENT, activationGradient, type FusedActivation } from '../ops/activation-gradient.ts';
import { gradient } from './_definition.ts';

/** The fused slope products are linear in dy; the rectifiers have no curvature, the smooth ones are not recorded. */
export const activationGradients: readonly GradConfig[] = [
  gradient(ACTIVATION_GRADIENT, ['value'], (ddx, [value], { activation, alpha }) => ({
    dy: () => activationGradient(activation as FusedActivation, ddx, value!, alpha as number),
    value: () => {
      if (activation !== 'relu' && activation !== 'leakyRelu') {
        throw new UnsupportedError(
          `tensors.activationGradient: ${String(activation)} must not be fused where a second derivative is taken.`,
        );
      }
      return zerosLike(value!);
    },
  })),
];
