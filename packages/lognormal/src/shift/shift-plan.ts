import type { BackgroundQuantity, SpectraEngine, SpectraEvaluation } from '@lensfield/cosmology';
import { NumericalError } from '@lensfield/kernels';
import { windowWeights } from './window-weights.ts';

const NUM_PARAMETERS = 6;
/** A value and its derivatives in the six parameters. */
const JET = 1 + NUM_PARAMETERS;
/** Range of x = wave times angle that the projected variance needs: beyond it lie 2e-5 (above) and 1e-5 (below). */
const X_RANGE = [1e-5, 30] as const;

/** Radius in radian of the disc that has the area of a square pixel. */
export function discRadius(pixelSizeArcmin: number): number {
  return ((pixelSizeArcmin / 60) * (Math.PI / 180)) / Math.sqrt(Math.PI);
}

/** Range of ell + 1/2 over which an engine must compute power so that shifts can be made of it. */
export function shiftWaveRange(pixelSizeArcmin: number): readonly [low: number, high: number] {
  const angle = discRadius(pixelSizeArcmin);
  return [X_RANGE[0] / angle, X_RANGE[1] / angle];
}

/** Shifts of every bin and what they follow from; overwritten by the next evaluation of the plan. */
export interface LognormalShifts {
  /** Minus the smallest convergence possible, shape [numBins]. */
  readonly values: Float64Array;
  /** Shape [6, numBins]. */
  readonly jacobian: Float64Array;
  /** Second and third moment of the smoothed convergence, shape [numBins]. */
  readonly secondMoment: Float64Array;
  readonly thirdMoment: Float64Array;
}

/** Derivative number d of a jet (0 is the value) for a quantity of the background, whose rows are omega_c, omega_b and w_0. */
function backgroundJet({ value, byOmegaM, byW0 }: BackgroundQuantity, at: number, out: Float64Array): void {
  out.fill(0);
  out[0] = value[at]!;
  out[1] = byOmegaM[at]!;
  out[2] = byOmegaM[at]!;
  out[6] = byW0[at]!;
}

/** a = a b. */
function multiplyJet(a: Float64Array, b: Float64Array): void {
  for (let d = 1; d < JET; d++) a[d] = a[d]! * b[0]! + a[0]! * b[d]!;
  a[0]! *= b[0]!;
}

/** a = a / b. */
function divideJet(a: Float64Array, b: Float64Array): void {
  a[0]! /= b[0]!;
  for (let d = 1; d < JET; d++) a[d] = (a[d]! - a[0]! * b[d]!) / b[0]!;
}

/** out = sum over e of weights[e] power[e, slice]. */
function projectSlice(
  weights: Float64Array,
  power: Float64Array,
  s: number,
  numSlices: number,
  out: Float64Array,
): void {
  const stride = numSlices * JET;
  let v = 0;
  let d0 = 0;
  let d1 = 0;
  let d2 = 0;
  let d3 = 0;
  let d4 = 0;
  let d5 = 0;
  for (let e = 0, at = s * JET; e < weights.length; e++, at += stride) {
    const w = weights[e]!;
    v += w * power[at]!;
    d0 += w * power[at + 1]!;
    d1 += w * power[at + 2]!;
    d2 += w * power[at + 3]!;
    d3 += w * power[at + 4]!;
    d4 += w * power[at + 5]!;
    d5 += w * power[at + 6]!;
  }
  out[0] = v;
  out[1] = d0;
  out[2] = d1;
  out[3] = d2;
  out[4] = d3;
  out[5] = d4;
  out[6] = d5;
}

/**
 * Shifts of log-normal convergence fields at a pixel size, from the tables that an engine has made anyway.
 *
 * The engine must have been created with `waveRange: shiftWaveRange(pixelSizeArcmin)`.
 */
export function createShiftPlan({ line, waves }: SpectraEngine, pixelSizeArcmin: number) {
  const weights = windowWeights(waves, discRadius(pixelSizeArcmin));
  const numSlices = line.redshift.length;
  const { numBins } = line;
  /** Contributions of a slice to the moments, shape [numSlices, 7]: to int dchi q^2 s2 and to int dchi q^3 S3 s2^2 but for q / chi. */
  const second = new Float64Array(numSlices * JET);
  const third = new Float64Array(numSlices * JET);
  const [variance, slope, linear, chi, ratio, thickness] = Array.from(
    { length: 6 },
    () => new Float64Array(JET),
  );
  const moments = [new Float64Array(JET), new Float64Array(JET)] as const;
  const shifts: LognormalShifts = {
    values: new Float64Array(numBins),
    jacobian: new Float64Array(NUM_PARAMETERS * numBins),
    secondMoment: new Float64Array(numBins),
    thirdMoment: new Float64Array(numBins),
  };

  /** Projected variance s2 and skewness coefficient S3 of a slice, times powers of chi and its thickness. */
  const fillSlice = ({ matter, kernels, power }: SpectraEvaluation, s: number) => {
    backgroundJet(matter.background.comovingDistance, s, chi!);
    backgroundJet(matter.growth.secondOrderRatio, s, ratio!);
    backgroundJet(kernels.thickness, s, thickness!);
    projectSlice(weights.variance, power.nonlinear, s, numSlices, variance!);
    multiplyJet(variance!, chi!);
    for (let d = 0; d < JET; d++) variance![d]! *= Math.PI;
    projectSlice(weights.variance, power.linear, s, numSlices, linear!);
    projectSlice(weights.slope, power.linear, s, numSlices, slope!);
    divideJet(slope!, linear!);
    for (let d = 0; d < JET; d++) slope![d] = 1.5 * (slope![d]! + ratio![d]!);
    slope![0]! += 4.5;
    // chi^2 dchi s2, then chi^3 dchi S3 s2^2
    multiplyJet(thickness!, chi!);
    multiplyJet(thickness!, chi!);
    multiplyJet(thickness!, variance!);
    second.set(thickness!, s * JET);
    multiplyJet(thickness!, chi!);
    multiplyJet(thickness!, variance!);
    multiplyJet(thickness!, slope!);
    third.set(thickness!, s * JET);
  };

  /** Sum over slices of (q / chi)^order times the contribution. */
  const momentOf = (
    bin: number,
    order: 2 | 3,
    contribution: Float64Array,
    efficiency: BackgroundQuantity,
    out: Float64Array,
  ) => {
    out.fill(0);
    for (let s = 0; s < numSlices; s++) {
      const at = bin * numSlices + s;
      const q = efficiency.value[at]!;
      const lower = order === 2 ? q : q * q;
      const share = lower * q;
      const slopeFactor = order * lower * contribution[s * JET]!;
      for (let d = 0; d < JET; d++) out[d]! += share * contribution[s * JET + d]!;
      out[1]! += slopeFactor * efficiency.byOmegaM[at]!;
      out[2]! += slopeFactor * efficiency.byOmegaM[at]!;
      out[6]! += slopeFactor * efficiency.byW0[at]!;
    }
  };

  const evaluate = (evaluation: SpectraEvaluation): LognormalShifts => {
    for (let s = 0; s < numSlices; s++) fillSlice(evaluation, s);
    const [m2, m3] = moments;
    for (let bin = 0; bin < numBins; bin++) {
      momentOf(bin, 2, second, evaluation.kernels.efficiency, m2);
      momentOf(bin, 3, third, evaluation.kernels.efficiency, m3);
      shifts.secondMoment[bin] = m2[0]!;
      shifts.thirdMoment[bin] = m3[0]!;
      const skewness = m3[0]! / m2[0]! ** 1.5;
      // Root of t^3 + 3 t = skewness.
      const t = 2 * Math.sinh(Math.asinh(skewness / 2) / 3);
      const shift = Math.sqrt(m2[0]!) / t;
      if (!(shift > 0 && shift < Infinity)) {
        throw new NumericalError(
          'shift',
          `lognormal.createShiftPlan: shifts must be positive and finite; got ${shift} in bin ${bin}. Restrict the prior to physical values.`,
        );
      }
      shifts.values[bin] = shift;
      for (let p = 0; p < NUM_PARAMETERS; p++) {
        const logSkewness = m3[1 + p]! / m3[0]! - (1.5 * m2[1 + p]!) / m2[0]!;
        const logT = (skewness * logSkewness) / (3 * t * (t * t + 1));
        shifts.jacobian[p * numBins + bin] = shift * ((0.5 * m2[1 + p]!) / m2[0]! - logT);
      }
    }
    return shifts;
  };
  return { evaluate };
}
