import { fillNormal, gemm, keyOf } from '@lensfield/kernels';

const SIZE = 1024;

/** C = A B of square matrices. */
export const gemmRow = {
  name: `gemm-${SIZE}`,
  ours({ kernels }) {
    const [a, b, c] = [1, 2, 3].map(() => kernels.float32(SIZE * SIZE));
    fillNormal(kernels, keyOf(1), a);
    fillNormal(kernels, keyOf(2), b);
    return () => gemm(kernels, a, b, c, { m: SIZE, n: SIZE, k: SIZE });
  },
  peers: { numpy: { script: 'gemm.py', size: SIZE } },
  comparisons: [
    { ours: 'native', peer: 'numpy', atMost: 1 / 0.85, goal: 1 },
    { ours: 'wasm', peer: 'native', atMost: 1 / 0.22, goal: 1 / 0.3 },
    { ours: 'chromium', peer: 'wasm', atMost: 1.3 },
  ],
};
