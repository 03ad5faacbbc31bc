import { irfft2, irfft2Adjoint, rfft2, rfft2Adjoint } from '@lensfield/kernels';
import { util } from '@tensorflow/tfjs-core';
import { IRFFT2, IRFFT2_ADJOINT, RFFT2, RFFT2_ADJOINT } from '../ops/fourier.ts';
import { define, type KernelDefinition } from './definition.ts';

/** From maps [..., rows, columns] to half planes [..., rows, columns / 2 + 1, 2]. */
function toModes(kernelName: string, transform: typeof rfft2): KernelDefinition {
  return define(kernelName, ({ inputs, backend }) => {
    const x = inputs.x!;
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const outer = x.shape.slice(0, -2);
    const { info, values } = backend.output([...outer, rows, Math.floor(columns / 2) + 1, 2]);
    transform(backend.kernels, backend.floats(x), values, {
      batch: util.sizeFromShape(outer),
      rows,
      columns,
    });
    return info;
  });
}

/** From half planes to maps. */
function toMaps(kernelName: string, transform: typeof irfft2): KernelDefinition {
  return define(kernelName, ({ inputs, attrs, backend }) => {
    const x = inputs.x!;
    const columns = attrs.columns as number;
    const outer = x.shape.slice(0, -3);
    const rows = x.shape.at(-3)!;
    const { info, values } = backend.output([...outer, rows, columns]);
    transform(backend.kernels, backend.floats(x), values, {
      batch: util.sizeFromShape(outer),
      rows,
      columns,
    });
    return info;
  });
}

export const fourierKernels: readonly KernelDefinition[] = [
  toModes(RFFT2, rfft2),
  toModes(IRFFT2_ADJOINT, irfft2Adjoint),
  toMaps(IRFFT2, irfft2),
  toMaps(RFFT2_ADJOINT, rfft2Adjoint),
];
