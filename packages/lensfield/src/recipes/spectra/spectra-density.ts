import type { LogDensityAndGradient } from '@lensfield/contracts';
import { createGaussianLikelihood } from '@lensfield/cosmology';
import type { JointPrior } from '@lensfield/sbi';
import { finiteOr } from '../finite-or.ts';
import type { BandPowers, BandTheory } from './band-powers.ts';

/**
 * log p(u | spectra) up to a constant, u the prior's unconstrained parameters: a Gaussian likelihood with a covariance that does not depend on
 * them, and a standard normal prior. -Infinity with a gradient of zero where the parameters describe no universe.
 *
 * Accuracy: the gradient goes through the exact Jacobian of the spectra; against differences in test/spectra/spectra-density.test.ts.
 */
export function createSpectraDensity(
  theory: BandTheory,
  measured: BandPowers,
  prior: JointPrior,
  covariance: Float64Array,
): LogDensityAndGradient<Float64Array> {
  const likelihood = createGaussianLikelihood(measured.values, covariance);
  const weighted = new Float64Array(measured.values.length);
  const free = prior.names.map((name) => prior.parameterNames.indexOf(name));
  const size = free.length;

  /** Through spectra, parameters and prior in turn. */
  function writeGradient(jacobian: Float64Array, ofPrior: Float64Array, gradient: Float64Array): void {
    free.forEach((parameter, i) => {
      const start = parameter * weighted.length;
      let slope = 0;
      for (let k = 0; k < weighted.length; k++) slope += jacobian[start + k]! * weighted[k]!;
      for (let a = 0; a < size; a++) gradient[a]! += slope * ofPrior[i * size + a]!;
    });
  }

  return (unconstrained, gradient) => {
    const value = finiteOr(-Infinity, () => {
      const { theta, jacobian: ofPrior } = prior.fromUnconstrained(unconstrained);
      const { values, jacobian } = theory.evaluate(prior.complete(theta));
      const logLikelihood = likelihood.logLikelihood(values, weighted);
      gradient.forEach((_, a) => {
        gradient[a] = -unconstrained[a]!;
      });
      writeGradient(jacobian, ofPrior, gradient);
      return logLikelihood - 0.5 * unconstrained.reduce((sum, u) => sum + u * u, 0);
    });
    if (value === -Infinity) gradient.fill(0);
    return value;
  };
}
