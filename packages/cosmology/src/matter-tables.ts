import { type Background, createBackgroundPlan, createJaxCosmoBackgroundPlan } from './background.ts';
import { createGaussianVariancePlan } from './gaussian-variance-table.ts';
import { createGrowthPlan, type Growth } from './growth.ts';
import {
  createHalofitCoefficients,
  type HalofitCoefficients,
  type HalofitForm,
} from './halofit-coefficients.ts';
import { createLinearPowerPlan, type LinearPowerTable, type Sigma8Integral } from './linear-power-table.ts';
import { createNonlinearScalePlan } from './nonlinear-scale.ts';
import { type Cosmology, checkCosmology } from './parameters.ts';

/** What may differ from correct physics, for parity with other codes. The defaults are correct. */
export interface MatterOptions {
  /** `full` (default): all k that matter. `jax-cosmo`: ln k = -4 ... 3, which makes the power 0.15 to 0.8 % high. */
  readonly sigma8Integral?: Sigma8Integral;
  /** `exact` (default), or read linearly in a from the 256-node table of jax_cosmo: up to 0.2 % off at low redshift. */
  readonly distances?: 'exact' | 'jax-cosmo-table';
  /** `takahashi` (default, as published), or `cosmomentum`, which differs for w != -1. */
  readonly halofit?: HalofitForm;
}

/**
 * Everything that spectra and shifts share at one cosmology, with derivatives: expansion, growth, linear power and the coefficients
 * of halofit on the slices. The arrays are overwritten by the next evaluation of the plan.
 */
export interface MatterTables {
  readonly cosmology: Cosmology;
  readonly redshift: Float64Array;
  readonly background: Background;
  readonly growth: Growth;
  readonly linear: LinearPowerTable;
  readonly halofit: HalofitCoefficients;
}

export interface MatterPlan {
  evaluate(cosmology: Cosmology): MatterTables;
}

/** Everything about the matter tables on ascending redshifts above zero that does not depend on the cosmology. */
export function createMatterPlan(redshift: Float64Array, options: MatterOptions = {}): MatterPlan {
  const { sigma8Integral = 'full', distances = 'exact', halofit = 'takahashi' } = options;
  const background =
    distances === 'exact' ? createBackgroundPlan(redshift) : createJaxCosmoBackgroundPlan(redshift);
  const growth = createGrowthPlan(redshift);
  const linear = createLinearPowerPlan({ sigma8Integral });
  const variance = createGaussianVariancePlan(linear.grid);
  const scale = createNonlinearScalePlan(redshift.length);
  const coefficients = createHalofitCoefficients(redshift, halofit);
  const evaluate = (cosmology: Cosmology): MatterTables => {
    checkCosmology(cosmology);
    const grown = growth.evaluate(cosmology);
    const table = linear.evaluate(cosmology);
    const scales = scale.evaluate(variance.evaluate(table), grown, cosmology);
    return {
      cosmology,
      redshift,
      background: background.evaluate(cosmology),
      growth: grown,
      linear: table,
      halofit: coefficients.evaluate(cosmology, scales),
    };
  };
  return { evaluate };
}
