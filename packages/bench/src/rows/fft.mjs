import { fillNormal, irfft2, keyOf, rfft2 } from '@lensfield/kernels';

const BATCH = 5;

/** Forward and inverse transform of five real fields. */
function fftRow(size) {
  return {
    name: `fft-${size}`,
    ours({ kernels }) {
      const shape = { batch: BATCH, rows: size, columns: size };
      const fields = kernels.float32(BATCH * size * size);
      const back = kernels.float32(BATCH * size * size);
      const modes = kernels.float32(BATCH * size * (Math.floor(size / 2) + 1) * 2);
      fillNormal(kernels, keyOf(1), fields);
      return () => {
        rfft2(kernels, fields, modes, shape);
        irfft2(kernels, modes, back, shape);
      };
    },
    peers: { FFTW: { script: 'fft.py', batch: BATCH, size } },
    comparisons: [
      { ours: 'native', peer: 'FFTW', atMost: 1, goal: 0.7 },
      { ours: 'wasm', peer: 'FFTW', atMost: 2, goal: 1.5 },
      { ours: 'chromium', peer: 'wasm', atMost: 1.3 },
    ],
  };
}

export const fftRows = [64, 128, 256, 300].map(fftRow);
