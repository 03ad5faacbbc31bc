/**
 * In-place radix-2 transform of interleaved complex numbers, sign -1 in the exponent, unnormalised. Float64 and private: chains and
 * measured maps are small, and statistics must not inherit the float32 rounding of the map kernels.
 */
export function fourierRadix2(data: Float64Array): void {
  const n = data.length / 2;
  reverseBits(data);
  for (let half = 1; half < n; half *= 2) {
    for (let j = 0; j < half; j++) {
      const angle = (-Math.PI * j) / half;
      const c = Math.cos(angle);
      const s = Math.sin(angle);
      for (let i = j; i < n; i += 2 * half) {
        const a = 2 * i;
        const b = a + 2 * half;
        const re = c * data[b] - s * data[b + 1];
        const im = c * data[b + 1] + s * data[b];
        data[b] = data[a] - re;
        data[b + 1] = data[a + 1] - im;
        data[a] += re;
        data[a + 1] += im;
      }
    }
  }
}

function reverseBits(data: Float64Array): void {
  const n = data.length / 2;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i >= j) continue;
    for (let part = 0; part < 2; part++) {
      const swap = data[2 * i + part];
      data[2 * i + part] = data[2 * j + part];
      data[2 * j + part] = swap;
    }
  }
}

export const nextPowerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(n, 1)));

/** A transform of one length: changes interleaved complex data in place. */
export type Transform = (data: Float64Array) => void;

/** The unnormalised transform (sign -1) of any length: radix 2, or Bluestein's convolution with a chirp for other lengths. */
export function fourierTransform(n: number): Transform {
  if (n === nextPowerOfTwo(n)) return fourierRadix2;
  const padded = nextPowerOfTwo(2 * n - 1);
  const chirp = new Float64Array(2 * n);
  const kernel = new Float64Array(2 * padded);
  for (let i = 0; i < n; i++) {
    // i^2 mod 2n keeps the angle small, hence exact to rounding.
    const angle = (Math.PI * ((i * i) % (2 * n))) / n;
    chirp[2 * i] = Math.cos(angle);
    chirp[2 * i + 1] = -Math.sin(angle);
    for (const at of i === 0 ? [0] : [i, padded - i]) {
      kernel[2 * at] = Math.cos(angle);
      kernel[2 * at + 1] = Math.sin(angle);
    }
  }
  fourierRadix2(kernel);
  const work = new Float64Array(2 * padded);
  return (data) => {
    work.fill(0);
    multiply(work, data, chirp, n);
    fourierRadix2(work);
    multiply(work, work, kernel, padded);
    // The inverse is the conjugate of the transform of the conjugate.
    for (let i = 1; i < work.length; i += 2) work[i] = -work[i];
    fourierRadix2(work);
    for (let i = 0; i < 2 * n; i += 2) {
      work[i] /= padded;
      work[i + 1] /= -padded;
    }
    multiply(data, work, chirp, n);
  };
}

function multiply(out: Float64Array, a: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < 2 * n; i += 2) {
    const re = a[i] * b[i] - a[i + 1] * b[i + 1];
    out[i + 1] = a[i] * b[i + 1] + a[i + 1] * b[i];
    out[i] = re;
  }
}
