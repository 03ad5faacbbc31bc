import { readSpline } from './_warped-spline.ts';
import type { Background } from './background.ts';
import type { Growth } from './growth.ts';
import { BLEND, type HalofitCoefficients, NUM_COEFFICIENTS } from './halofit-coefficients.ts';
import {
  combinePartials,
  fillHaloPowers,
  fillPartials,
  type HaloPowers,
  NUM_PARTIALS,
} from './halofit-power.ts';
import { JET, type LimberPower, type Slice } from './limber-slice.ts';
import type { LinearPowerTable } from './linear-power-table.ts';
import { type Cosmology, H_0, N_S, OMEGA_B, OMEGA_C, SIGMA_8, W_0 } from './parameters.ts';
import { createWavePowers } from './wave-powers.ts';

/** Scratch of the loop below. */
const READ = new Float64Array(5);

/** Tables from which power on a grid of points is made; with no distance, the waves are wave numbers in h/Mpc. */
export interface LimberTables {
  readonly cosmology: Cosmology;
  readonly linear: LinearPowerTable;
  readonly growth: Growth;
  readonly halofit: HalofitCoefficients;
  /** Mpc/h. */
  readonly distance?: Background['comovingDistance'];
}

/**
 * Power at k = wave / distance of each slice, for waves that no cosmology changes: for Limber, wave = ell + 1/2 and the distance is
 * the comoving one; with all distances 1 the waves are wave numbers in h/Mpc.
 *
 * The loops run along one slice at a time and take arrays only: a call that takes or returns a number costs a heap cell in V8.
 */
export function createLimberPowerPlan(waves: Float64Array, numSlices: number) {
  const logWaves = waves.map(Math.log);
  const tiltedWaves = new Float64Array(waves.length);
  const power: LimberPower = {
    linear: new Float64Array(waves.length * numSlices * JET),
    nonlinear: new Float64Array(waves.length * numSlices * JET),
  };
  const partials = new Float64Array(waves.length * NUM_PARTIALS);
  const wavePowers = createWavePowers(logWaves);
  const along = () => new Float64Array(waves.length);
  const halo: HaloPowers = { numerator: along(), shallow: along(), steep: along() };
  const slice: Slice = {
    index: 0,
    logDistance: 0,
    logDistanceByOmegaM: 0,
    logDistanceByW0: 0,
    logAmplitude: 0,
    growth2ByOmegaM: 0,
    growth2ByW0: 0,
  };

  const evaluate = (tables: LimberTables): LimberPower => {
    const { cosmology, linear, growth, halofit, distance } = tables;
    for (let e = 0; e < waves.length; e++) tiltedWaves[e] = Math.exp((3 + cosmology.nS) * logWaves[e]);
    for (let s = 0; s < numSlices; s++) {
      const chi = distance ? distance.value[s] : 1;
      slice.index = s;
      slice.logDistance = Math.log(chi);
      slice.logDistanceByOmegaM = distance ? distance.byOmegaM[s] / chi : 0;
      slice.logDistanceByW0 = distance ? distance.byW0[s] / chi : 0;
      slice.logAmplitude =
        linear.logAmplitude - Math.log(2 * Math.PI * Math.PI) + 2 * growth.logGrowth.value[s];
      slice.growth2ByOmegaM = 2 * growth.logGrowth.byOmegaM[s];
      slice.growth2ByW0 = 2 * growth.logGrowth.byW0[s];
      fillLinear(tables, slice, logWaves, tiltedWaves, power.linear, numSlices);
      if (halofit.value[s * NUM_COEFFICIENTS + BLEND] === 0) copySlice(power, s, numSlices);
      else {
        fillHaloPowers(halofit.value, slice, logWaves, wavePowers, halo);
        fillPartials(halofit, slice, waves, logWaves, halo, power, partials, numSlices);
        combinePartials(halofit, slice, partials, power, numSlices);
      }
    }
    return power;
  };
  return { waves, evaluate };
}

/** Linear power along a slice; outside the table T continues as a constant (low k) or as k^-2 (high k). */
function fillLinear(
  { cosmology, linear: table }: LimberTables,
  slice: Slice,
  logWaves: Float64Array,
  tiltedWaves: Float64Array,
  out: Float64Array,
  numSlices: number,
): void {
  const { grid, coefficients, logAmplitudeBy: by } = table;
  const { minLogK, maxLogK } = grid;
  const read = READ;
  const tilt = 3 + cosmology.nS;
  const amplitude = Math.exp(slice.logAmplitude - tilt * slice.logDistance);
  const { logDistance, growth2ByOmegaM, growth2ByW0 } = slice;
  const { logDistanceByOmegaM, logDistanceByW0 } = slice;
  for (let e = 0; e < logWaves.length; e++) {
    const logK = logWaves[e] - logDistance;
    const over = logK > maxLogK ? logK - maxLogK : 0;
    read[0] = Math.min(Math.max(logK, minLogK), maxLogK);
    readSpline(grid, coefficients, read);
    const t = read[0];
    let tSlope = read[4];
    if (over > 0) tSlope = -2 * t;
    else if (logK < minLogK) tSlope = 0;
    const k = tiltedWaves[e] * amplitude * (over > 0 ? Math.exp(-4 * over) : 1);
    const kt = 2 * k * t;
    const delta = k * t * t;
    const slope = tilt * delta + kt * tSlope;
    const byOmegaM = delta * growth2ByOmegaM - slope * logDistanceByOmegaM;
    const at = (e * numSlices + slice.index) * JET;
    out[at] = delta;
    out[at + 1 + OMEGA_C] = kt * read[1] + delta * by[OMEGA_C] + byOmegaM;
    out[at + 1 + OMEGA_B] = kt * read[2] + delta * by[OMEGA_B] + byOmegaM;
    out[at + 1 + SIGMA_8] = delta * by[SIGMA_8];
    out[at + 1 + H_0] = kt * read[3] + delta * by[H_0];
    out[at + 1 + N_S] = delta * (logK + by[N_S]);
    out[at + 1 + W_0] = delta * growth2ByW0 - slope * logDistanceByW0;
  }
}

function copySlice({ linear, nonlinear }: LimberPower, s: number, numSlices: number): void {
  for (let at = s * JET; at < linear.length; at += numSlices * JET) {
    for (let d = 0; d < JET; d++) nonlinear[at + d] = linear[at + d];
  }
}
