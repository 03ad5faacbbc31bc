import {
  createSpectraEngine,
  type RedshiftDistribution,
  type SpectraEngine,
  smailDistribution,
  tabulatedDistribution,
  tomographicBins,
} from '@lensfield/cosmology';
import { InvalidArgumentError } from '@lensfield/kernels';
import { sbiLensShifts } from './shift/sbi-lens-shifts.ts';
import { createSpectraAndShifts } from './shift/spectra-and-shifts.ts';
import { numBins, pixelSizeArcmin, type Survey } from './survey.ts';
import type { Theory } from './theory.ts';

/**
 * Whether to repeat the numerical choices of the public reference simulator sbi_lens. `sbi_lens_table` repeats all but the slips in reading
 * its table of shifts.
 */
export type Parity = 'none' | 'sbi_lens' | 'sbi_lens_table';

/** n(z) of the bins of a survey, each normalised to one. */
export function sourceBins({ redshifts }: Survey): readonly RedshiftDistribution[] {
  if (redshifts.family === 'table')
    return redshifts.density.map((density) => tabulatedDistribution(redshifts.z, density));
  const { numBins: count, photoZError } = redshifts;
  return tomographicBins(smailDistribution(redshifts), { numBins: count, photoZError }).bins;
}

/** How the reference computes its spectra. */
const SBI_LENS_SPECTRA = { sigma8Integral: 'jax-cosmo', distances: 'jax-cosmo-table' } as const;

function sbiLensTheory(survey: Survey, parity: 'sbi_lens' | 'sbi_lens_table', ell: Float64Array): Theory {
  const reading = parity === 'sbi_lens' ? 'reference' : 'correct';
  if (numBins(survey) !== 5)
    throw new InvalidArgumentError(
      'parity',
      `lognormal.createLognormalModel: parity must be none for a survey without the five bins of the reference's shift table; got ${parity} and ${numBins(survey)} bins.`,
    );
  const engine = createSurveySpectra(survey, { parity, ell });
  return (theta) => {
    const { spectra } = engine.evaluate(theta);
    const shifts = sbiLensShifts(theta, reading);
    return {
      spectra: spectra.values,
      shifts: shifts.values,
      jacobian: { spectra: spectra.jacobian, shifts: shifts.jacobian },
    };
  };
}

/**
 * The convergence spectra of a survey's bins with their Jacobian, at any multipoles: those behind its maps, for theory that needs no map.
 *
 * @param options  `ell` above 1, in any order; parity as of the simulator, default `none`.
 * @throws {InvalidArgumentError} if a multipole is not above 1.
 *
 * Accuracy: within 4e-4 of the spectra of simulated maps, which are read between other nodes (test/survey.test.ts).
 */
export function createSurveySpectra(
  survey: Survey,
  { parity = 'none', ell }: { readonly parity?: Parity; readonly ell: ArrayLike<number> },
): SpectraEngine {
  const choices = parity === 'none' ? {} : SBI_LENS_SPECTRA;
  return createSpectraEngine({ bins: sourceBins(survey), ell, ...choices });
}

/** Spectra at `ell` and shifts of a survey's maps; the arrays returned are overwritten by the next call. */
export function surveyTheory(survey: Survey, parity: Parity, ell: Float64Array): Theory {
  if (parity !== 'none') return sbiLensTheory(survey, parity, ell);
  const bins = sourceBins(survey);
  const engine = createSpectraAndShifts({ bins, ell, pixelSizeArcmin: pixelSizeArcmin(survey) });
  return (theta) => {
    const { spectra, shifts } = engine.evaluate(theta);
    return {
      spectra: spectra.values,
      shifts: shifts.values,
      jacobian: { spectra: spectra.jacobian, shifts: shifts.jacobian },
    };
  };
}
