import { InvalidArgumentError, NumericalError } from '@lensfield/kernels';
import { createLensingKernelPlan, type LensingKernels } from './lensing-kernels.ts';
import { createLimberPowerPlan } from './limber-power.ts';
import type { LimberPower } from './limber-slice.ts';
import { createLineOfSight, type LineOfSight } from './line-of-sight.ts';
import { createMatterPlan, type MatterOptions, type MatterTables } from './matter-tables.ts';
import { checkMultipoles, multipoleNodes } from './multipole-nodes.ts';
import { type Cosmology, cosmologyOf } from './parameters.ts';
import type { RedshiftDistribution } from './redshift-distribution.ts';
import { binPairs, type ConvergenceSpectra, createSpectraProjection } from './spectra-projection.ts';

export interface SpectraEngineOptions extends MatterOptions {
  /** Source bins. */
  readonly bins: readonly RedshiftDistribution[];
  /** Multipoles above 1, in any order; shape [numEll]. They cost little: spectra are computed on fewer nodes and interpolated. */
  readonly ell: ArrayLike<number>;
  /** Slices along the line of sight; default 56. */
  readonly numSlices?: number;
  /** Spacing of the nodes in ln(ell + 1/2); default 0.2. */
  readonly nodeSpacing?: number;
  /** Wider range of ell + 1/2 in which the engine also computes power, for integrals over it; default none. */
  readonly waveRange?: readonly [low: number, high: number];
  /** Multiply by F_l^2 (see {@link sphericalFactor}); default true. */
  readonly useSphericalFactor?: boolean;
  /** Evolution of the equation of state, held fixed; default 0. */
  readonly wa?: number;
}

/** Spectra at one cosmology and what they were made of; arrays are overwritten by the next evaluation. */
export interface SpectraEvaluation {
  readonly spectra: ConvergenceSpectra;
  readonly matter: MatterTables;
  readonly kernels: LensingKernels;
  readonly power: LimberPower;
}

/** `every(Number.isFinite)` without a call for each number. */
function allFinite(array: Float64Array): boolean {
  let zero = 0;
  for (let i = 0; i < array.length; i++) zero += array[i] * 0;
  return zero === 0;
}

export interface SpectraEngine {
  readonly ell: Float64Array;
  readonly pairs: readonly (readonly [i: number, j: number])[];
  readonly line: LineOfSight;
  /** ell + 1/2 of the points of `power`, shape [numWaves]. */
  readonly waves: Float64Array;
  /** `theta` in the order of COSMOLOGY_PARAMETERS. */
  evaluate(theta: ArrayLike<number>): SpectraEvaluation;
}

/**
 * Convergence spectra with Jacobian for many cosmologies: prepares all that does not depend on the parameters (quadratures, source
 * distributions, filters) and evaluates without large allocations.
 *
 * @throws {InvalidArgumentError} if a bin, multipole or option is not valid; from `evaluate`, if `theta` is not physical.
 * @throws {NumericalError} from `evaluate`, if a spectrum is not finite.
 *
 * Accuracy: see {@link convergenceSpectra}; interpolation between nodes adds less than 1e-4 (test/spectra-engine.test.ts).
 */
export function createSpectraEngine(options: SpectraEngineOptions): SpectraEngine {
  const { bins, numSlices, waveRange, useSphericalFactor = true, wa = 0, nodeSpacing: spacing } = options;
  const ell = checkMultipoles('createSpectraEngine', options.ell);
  if (spacing !== undefined && !(spacing > 0 && spacing <= 1)) {
    throw new InvalidArgumentError(
      'nodeSpacing',
      `cosmology.createSpectraEngine: nodeSpacing must lie in (0, 1]; got ${spacing}. Leave it out for the default.`,
    );
  }
  const line = createLineOfSight(bins, numSlices);
  const matterPlan = createMatterPlan(line.redshift, options);
  const kernelPlan = createLensingKernelPlan(line);
  const nodes = multipoleNodes(ell, { ...(spacing === undefined ? {} : { spacing }), range: waveRange });
  const powerPlan = createLimberPowerPlan(nodes.waves, line.redshift.length);
  const projection = createSpectraProjection(nodes, ell, {
    numBins: bins.length,
    numSlices: line.redshift.length,
    useSphericalFactor,
  });

  const evaluate = (theta: ArrayLike<number>): SpectraEvaluation => {
    const cosmology: Cosmology = cosmologyOf(theta, { wa });
    const matter = matterPlan.evaluate(cosmology);
    const kernels = kernelPlan.evaluate(cosmology, matter.background);
    const power = powerPlan.evaluate({ ...matter, distance: matter.background.comovingDistance });
    const spectra = projection.evaluate(power, kernels, matter.background);
    if (!allFinite(spectra.values) || !allFinite(spectra.jacobian)) {
      throw new NumericalError(
        'spectra',
        `cosmology.convergenceSpectra: spectra and their Jacobian must be finite; got NaN or Infinity at theta = [${Array.from(theta).join(', ')}]. Restrict the prior to physical values.`,
      );
    }
    return { spectra, matter, kernels, power };
  };
  return { ell, pairs: binPairs(bins.length), line, waves: nodes.waves, evaluate };
}
