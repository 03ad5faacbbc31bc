import { clipByNorm } from '@lensfield/kernels';
import { currentKernels } from './init.ts';
import type { ParameterVector } from './parameters.ts';

/** Euclidean norm over all gradients, accumulated in float64. */
export function globalNorm(gradients: ParameterVector): number {
  let total = 0;
  for (const g of gradients.values) total += g * g;
  return Math.sqrt(total);
}

/**
 * Scales gradients in place so that their global norm is at most `maxNorm` (Pascanu et al. 2013, algorithm 1).
 *
 * @returns The norm before clipping. A norm that is not finite leaves the gradients as they are.
 */
export function clipByGlobalNorm(gradients: ParameterVector, maxNorm: number): number {
  const kernels = currentKernels();
  if (kernels) return clipByNorm(kernels, gradients.values, maxNorm);
  const norm = globalNorm(gradients);
  if (norm > maxNorm && Number.isFinite(norm)) {
    const scale = maxNorm / norm;
    const { values } = gradients;
    for (let i = 0; i < values.length; i++) values[i]! *= scale;
  }
  return norm;
}
