import type { Theory } from '../src/theory.ts';

/**
 * Spectra and shifts that are simple functions of six parameters near 1, with an exact Jacobian: power laws in ell with a bend, of
 * the size and slope of lensing spectra, bins correlated by `correlation`^|i - j|.
 */
export function standInTheory(
  ell: Float64Array,
  numBins: number,
  { correlation = 0.8, amplitude = 2e-9 } = {},
): Theory {
  return (theta, { jacobian }) => {
    const spectra: number[] = [];
    const rows: number[][] = Array.from({ length: 6 }, () => []);
    for (let i = 0; i < numBins; i++)
      for (let j = i; j < numBins; j++) {
        const level = amplitude * (i + 1) * (j + 1) * correlation ** (j - i);
        for (const l of ell) {
          const x = Math.log(l / 1000);
          const value =
            level *
            theta[0]! ** 2 *
            Math.exp(-1.2 * theta[1]! * x - 0.1 * theta[2]! * x * x) *
            theta[3]! ** (1 / (j + 1));
          spectra.push(value);
          rows[0]!.push((2 * value) / theta[0]!);
          rows[1]!.push(-1.2 * x * value);
          rows[2]!.push(-0.1 * x * x * value);
          rows[3]!.push(value / (j + 1) / theta[3]!);
          rows[4]!.push(0);
          rows[5]!.push(0);
        }
      }
    const range = Array.from({ length: numBins }, (_, i) => i);
    const shift = (i: number) => 0.02 * (i + 1) * theta[4]! * theta[5]! ** i;
    const shifts = Float64Array.from(range, shift);
    if (!jacobian) return { spectra: Float64Array.from(spectra), shifts };
    const zeros = new Array(4 * numBins).fill(0) as number[];
    const shiftRows = [
      ...zeros,
      ...range.map((i) => shift(i) / theta[4]!),
      ...range.map((i) => (i * shift(i)) / theta[5]!),
    ];
    return {
      spectra: Float64Array.from(spectra),
      shifts,
      jacobian: { spectra: Float64Array.from(rows.flat()), shifts: Float64Array.from(shiftRows) },
    };
  };
}
