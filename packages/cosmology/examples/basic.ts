import {
  COSMOLOGY_PARAMETERS,
  createSpectraEngine,
  smailDistribution,
  tomographicBins,
} from '@lensfield/cosmology';

// Five bins of LSST year 10, and 15 convergence spectra with their derivatives in the six parameters.
const parent = smailDistribution({ z0: 0.11, alpha: 2, beta: 0.68 });
const { bins, edges } = tomographicBins(parent, { numBins: 5, photoZError: 0.05 });
const engine = createSpectraEngine({ bins, ell: [30, 100, 300, 1000, 3000] });
const { values, jacobian } = engine.evaluate([0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1]).spectra;

console.log('edges', edges, 'auto spectrum of the last bin', values.slice(14 * 5));
for (const [p, name] of COSMOLOGY_PARAMETERS.entries()) {
  console.log(`its derivative in ${name} at ell 1000`, jacobian[p * values.length + 14 * 5 + 3]);
}
