import { compare, unary } from '@lensfield/kernels';
import { defineForFloats, type KernelDefinition } from './definition.ts';

const LARGEST_FLOAT = 3.4028234663852886e38;

const notNumber = defineForFloats('IsNan', ({ inputs, backend }) => {
  const x = backend.floats(inputs.x!);
  const { info, values } = backend.maskOutput(inputs.x!.shape);
  if (values.length > 0) compare(backend.kernels, 'notEqual', x, x, values);
  return info;
});

/** Compares |x| with itself cut at the largest float: NaN compares false either way, Infinity alone is cut. */
function cutKernel(kernelName: string, comparison: 'greater' | 'lessEqual'): KernelDefinition {
  return defineForFloats(kernelName, ({ inputs, backend }) => {
    const x = inputs.x!;
    const { info, values } = backend.maskOutput(x.shape);
    if (values.length === 0) return info;
    const size = backend.output(x.shape);
    const cut = backend.output(x.shape);
    unary(backend.kernels, 'abs', backend.floats(x), size.values);
    unary(backend.kernels, 'clip', size.values, cut.values, [0, LARGEST_FLOAT]);
    compare(backend.kernels, comparison, size.values, cut.values, values);
    backend.disposeIntermediateTensorInfo(size.info);
    backend.disposeIntermediateTensorInfo(cut.info);
    return info;
  });
}

/** What kind of number each entry is. */
export const floatClassKernels: readonly KernelDefinition[] = [
  notNumber,
  cutKernel('IsInf', 'greater'),
  cutKernel('IsFinite', 'lessEqual'),
];
