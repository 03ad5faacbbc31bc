import type { FieldStatistics } from './theory.ts';

/** Sum over pairs, nodes and bins of gradient times Jacobian, for each parameter. */
export function contractTheory(
  statistics: FieldStatistics,
  logSpectraGradient: Float64Array,
  shiftGradient: Float64Array,
  lanes: number,
  out: Float64Array,
): void {
  const { spectra, jacobian, shifts } = statistics;
  if (!jacobian) throw new Error('lognormal: the theory gave no Jacobian.');
  const pairs = (shifts.length * (shifts.length + 1)) / 2;
  const numNodes = spectra.length / pairs;
  for (let parameter = 0; parameter < out.length; parameter++) {
    const spectraRow = parameter * spectra.length;
    let sum = 0;
    for (let pair = 0; pair < pairs; pair++)
      for (let node = 0, at = pair * numNodes; node < numNodes; node++, at++)
        sum += (logSpectraGradient[node * lanes + pair]! * jacobian.spectra[spectraRow + at]!) / spectra[at]!;
    for (let bin = 0; bin < shifts.length; bin++)
      sum += shiftGradient[bin]! * jacobian.shifts[parameter * shifts.length + bin]!;
    out[parameter] = sum;
  }
}
