import { add, type Dual, divide, logarithm, multiply, power, powerOf, scale, variable } from './_dual.ts';
import { type Cosmology, omegaM, T_CMB_KELVIN } from './parameters.ts';

/** The fitted scales and amplitudes of Eisenstein and Hu (1998); lengths in Mpc, wave numbers in 1/Mpc. */
export interface TransferScales {
  readonly baryonFraction: Dual;
  /** Wave number of the horizon at equality, eq. 3. */
  readonly kEquality: Dual;
  /** Sound horizon, eq. 6. */
  readonly soundHorizon: Dual;
  /** Silk damping, eq. 7. */
  readonly kSilk: Dual;
  /** 14.2 / alpha_c (eqs. 11 and 20) and beta_c (eq. 12) of cold dark matter. */
  readonly coldDamping: Dual;
  readonly coldShift: Dual;
  /** alpha_b (eq. 14), beta_b (eq. 24) and beta_node (eq. 23) of baryons. */
  readonly baryonAmplitude: Dual;
  readonly baryonSuppression: Dual;
  readonly baryonNode: Dual;
}

/** Scales of the fit with their derivatives in the densities omega_m h^2 and omega_b h^2. */
export function transferScales(cosmology: Cosmology): TransferScales {
  const { h, omegaB, omegaC } = cosmology;
  const matter = variable(omegaM(cosmology) * h * h, 0);
  const baryons = variable(omegaB * h * h, 1);
  const baryonFraction = divide(baryons, matter);
  const coldFraction = omegaC === 0 ? { value: 0, by: baryonFraction.by } : add(scale(baryonFraction, -1), 1);
  const theta2 = (T_CMB_KELVIN / 2.7) ** 2;

  const kEquality = scale(matter, 7.46e-2 / theta2);
  const zEquality = scale(matter, 2.5e4 / theta2 ** 2);
  const b1 = multiply(scale(power(matter, -0.419), 0.313), add(scale(power(matter, 0.674), 0.607), 1));
  const b2 = scale(power(matter, 0.223), 0.238);
  const zDrag = multiply(
    divide(scale(power(matter, 0.251), 1291), add(scale(power(matter, 0.828), 0.659), 1)),
    add(multiply(b1, powerOf(baryons, b2)), 1),
  );
  const momentum = scale(baryons, (31.5 * 1e3) / theta2 ** 2);
  const rDrag = divide(momentum, zDrag);
  const rEquality = divide(momentum, zEquality);
  const soundHorizon = multiply(
    scale(power(kEquality, -1), 2 / 3),
    scale(power(rEquality, -0.5), Math.sqrt(6)),
    logarithm(
      divide(
        add(power(add(rDrag, 1), 0.5), power(add(rDrag, rEquality), 0.5)),
        add(power(rEquality, 0.5), 1),
      ),
    ),
  );
  const kSilk = multiply(
    scale(power(baryons, 0.52), 1.6),
    power(matter, 0.73),
    add(power(scale(matter, 10.4), -0.95), 1),
  );

  const a1 = multiply(power(scale(matter, 46.9), 0.67), add(power(scale(matter, 32.1), -0.532), 1));
  const a2 = multiply(power(scale(matter, 12), 0.424), add(power(scale(matter, 45), -0.582), 1));
  const coldDamping = scale(
    multiply(powerOf(a1, baryonFraction), powerOf(a2, power(baryonFraction, 3))),
    14.2,
  );
  const shift1 = scale(power(add(power(scale(matter, 458), -0.708), 1), -1), 0.944);
  const shift2 = power(scale(matter, 0.395), -0.0266);
  const coldShift = power(add(multiply(shift1, add(powerOf(coldFraction, shift2), -1)), 1), -1);

  const y = divide(add(zEquality, 1), add(zDrag, 1));
  const root = power(add(y, 1), 0.5);
  const g = multiply(
    y,
    add(scale(root, -6), multiply(add(scale(y, 3), 2), logarithm(divide(add(root, 1), add(root, -1))))),
  );
  const baryonAmplitude = scale(multiply(kEquality, soundHorizon, power(add(rDrag, 1), -0.75), g), 2.07);
  const baryonSuppression = add(
    add(
      baryonFraction,
      multiply(add(scale(baryonFraction, -2), 3), power(add(power(scale(matter, 17.2), 2), 1), 0.5)),
    ),
    0.5,
  );
  const baryonNode = scale(power(matter, 0.435), 8.41);
  return {
    baryonFraction,
    kEquality,
    soundHorizon,
    kSilk,
    coldDamping,
    coldShift,
    baryonAmplitude,
    baryonSuppression,
    baryonNode,
  };
}

/** Derivative of ln x in direction d of (matter, baryons, ln k) for a scale that does not depend on k. */
function logSlope({ value, by }: Dual, d: number): number {
  return d < 2 ? by[d as 0 | 1] / value : 0;
}

/** Fixed powers of the wave numbers: what the fit needs of them that no cosmology changes. */
export interface TransferNodes {
  /** h/Mpc. */
  readonly k: Float64Array;
  readonly kTo108: Float64Array;
  readonly kTo14: Float64Array;
}

export function transferNodes(k: Float64Array): TransferNodes {
  return { k, kTo108: k.map((x) => x ** 1.08), kTo14: k.map((x) => x ** 1.4) };
}

/**
 * Transfer function with wiggles of Eisenstein and Hu (1998, ApJ 496, 605, eqs. 2 to 24) on fixed wave numbers, and its derivatives
 * in omega_c, omega_b and h at fixed k in h/Mpc.
 *
 * @param out  Shape [n, 4]: T, dT/domega_c, dT/domega_b, dT/dh. T(k -> 0) = 1.
 *
 * The derivatives come in the directions (omega_m h^2, omega_b h^2, ln k in 1/Mpc), one chain rule for the three.
 */
export function fillTransfer(cosmology: Cosmology, nodes: TransferNodes, out: Float64Array): void {
  const scales = transferScales(cosmology);
  const evaluate = createTransfer(scales);
  const { h, omegaB } = cosmology;
  const om = omegaM(cosmology);
  const h108 = h ** 1.08;
  const h14 = h ** 1.4;
  const slopes = new Float64Array(4);
  for (let i = 0; i < nodes.k.length; i++) {
    evaluate(nodes.k[i] * h, nodes.kTo108[i] * h108, nodes.kTo14[i] * h14, slopes);
    out[4 * i] = slopes[0];
    out[4 * i + 1] = slopes[1] * h * h;
    out[4 * i + 2] = (slopes[1] + slopes[2]) * h * h;
    out[4 * i + 3] = 2 * h * (om * slopes[1] + omegaB * slopes[2]) + slopes[3] / h;
  }
}

/** T and its slopes in (omega_m h^2, omega_b h^2, ln k) at one k in 1/Mpc, written to out[0..4). */
function createTransfer(scales: TransferScales) {
  const { baryonFraction, kEquality, soundHorizon, kSilk, coldDamping, coldShift } = scales;
  const { baryonAmplitude, baryonSuppression, baryonNode } = scales;
  const qPerK = 1 / (13.41 * kEquality.value);
  const q108 = 69.9 * qPerK ** 1.08;
  const silk14 = kSilk.value ** -1.4;
  const fb = baryonFraction.value;
  const shift = coldShift.value;
  const slope = (scale: Dual) => Float64Array.of(logSlope(scale, 0), logSlope(scale, 1), 0);
  const [dEquality, dSound, dSilk, dShift] = [kEquality, soundHorizon, kSilk, coldShift].map(slope);
  const [dAmplitude, dSuppression, dNode] = [baryonAmplitude, baryonSuppression, baryonNode].map(slope);
  const dDamping = Float64Array.of(coldDamping.by[0], coldDamping.by[1], 0);
  const dFraction = Float64Array.of(baryonFraction.by[0], baryonFraction.by[1], 0);

  return (k: number, kTo108: number, kTo14: number, out: Float64Array): void => {
    const q = k * qPerK;
    const qq = q * q;
    // T0 of eq. 19 in three forms: (alpha, beta) = (1, beta_c), (alpha_c, beta_c), (1, 1).
    const bend = q108 * kTo108;
    const damping = 386 / (1 + bend);
    const dampingSlope = (-1.08 * damping * bend) / (1 + bend);
    const c1 = 14.2 + damping;
    const cAlpha = coldDamping.value + damping;
    const shifted = Math.E + 1.8 * shift * q;
    const plain = Math.E + 1.8 * q;
    const logShifted = Math.log(shifted);
    const logPlain = Math.log(plain);
    const shiftedSlope = (1.8 * shift * q) / shifted;
    const plainSlope = (1.8 * q) / plain;
    const den11 = 1 / (logShifted + c1 * qq);
    const denAlpha = 1 / (logShifted + cAlpha * qq);
    const den00 = 1 / (logPlain + c1 * qq);
    const t11 = logShifted * den11;
    const tAlpha = logShifted * denAlpha;
    const t00 = logPlain * den00;
    // Cold dark matter, eqs. 17 and 18.
    const y = k * soundHorizon.value;
    const y4 = (y / 5.4) ** 2 * (y / 5.4) ** 2;
    const mix = 1 / (1 + y4);
    const cold = mix * t11 + (1 - mix) * tAlpha;
    // Baryons, eqs. 21 and 22.
    const y2 = (y / 5.2) * (y / 5.2);
    const first = t00 / (1 + y2);
    const suppression = (baryonSuppression.value / y) ** 3;
    const silk = silk14 * kTo14;
    const second = (baryonAmplitude.value / (1 + suppression)) * Math.exp(-silk);
    const node = (baryonNode.value / y) ** 3;
    const x = y / Math.cbrt(1 + node);
    const sinc = x < 1e-4 ? 1 - (x * x) / 6 : Math.sin(x) / x;
    const sincSlope = x < 1e-4 ? -(x * x) / 3 : Math.cos(x) - sinc;
    const baryons = first + second;
    out[0] = fb * baryons * sinc + (1 - fb) * cold;
    const nodeShare = node / (1 + node);
    const suppressionShare = (3 * suppression) / (1 + suppression);
    for (let d = 0; d < 3; d++) {
      const dk = d === 2 ? 1 : 0;
      const dq = dk - dEquality[d];
      const dy = dk + dSound[d];
      const dLogShifted = shiftedSlope * (dShift[d] + dq);
      const dC = dampingSlope * dq + 2 * c1 * dq;
      const dCAlpha = dDamping[d] + dampingSlope * dq + 2 * cAlpha * dq;
      const dt11 = qq * den11 * den11 * (c1 * dLogShifted - logShifted * dC);
      const dtAlpha = qq * denAlpha * denAlpha * (cAlpha * dLogShifted - logShifted * dCAlpha);
      const dt00 = qq * den00 * den00 * (c1 * plainSlope * dq - logPlain * dC);
      const dMix = -4 * mix * (1 - mix) * dy;
      const dCold = dMix * (t11 - tAlpha) + mix * dt11 + (1 - mix) * dtAlpha;
      const dFirst = (dt00 - first * 2 * y2 * dy) / (1 + y2);
      const dSecond =
        second * (dAmplitude[d] - suppressionShare * (dSuppression[d] - dy) - 1.4 * silk * (dk - dSilk[d]));
      const dSinc = sincSlope * (dy - nodeShare * (dNode[d] - dy));
      out[1 + d] =
        dFraction[d] * (baryons * sinc - cold) +
        fb * ((dFirst + dSecond) * sinc + baryons * dSinc) +
        (1 - fb) * dCold;
    }
  };
}
