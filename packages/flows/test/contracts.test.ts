import { initTensors } from '@lensfield/tensors';
import { flowSuite } from './_flow-suite.ts';

await initTensors();

const SMALL = { numLayers: 3, hiddenUnits: [8, 8] };

flowSuite('affine coupling', { ...SMALL, kind: 'affine' }, 0.2);
flowSuite('spline coupling', { ...SMALL, kind: 'spline' }, 0.2);
flowSuite('smooth coupling', { ...SMALL, kind: 'smooth', numSigmoids: 4 }, 0.15);
flowSuite('masked autoregressive, affine', { ...SMALL, kind: 'maf' }, 0.2);
flowSuite('masked autoregressive, spline', { ...SMALL, kind: 'maf', transform: { kind: 'spline' } }, 0.05);
flowSuite(
  'masked autoregressive, smooth',
  { ...SMALL, kind: 'maf', transform: { kind: 'smooth', numSigmoids: 4 } },
  0.2,
);
flowSuite('permutations alone', { ...SMALL, kind: 'spline', mixing: 'permutation' }, 0.2);
flowSuite('mixture density network', { kind: 'mixture', numComponents: 3, hiddenUnits: [8, 8] }, 0.2);
