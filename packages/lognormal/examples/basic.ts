import { foldIn, keyOf, loadKernels } from '@lensfield/kernels';
import { createLognormalModel, FIDUCIAL_PARAMETERS, simulateMany, surveyPreset } from '@lensfield/lognormal';

const survey = surveyPreset('lsst-y10-demo'); // 64 x 64 pixels of 2.3 arcmin, 5 tomographic bins
const model = createLognormalModel({ survey, kernels: await loadKernels() });
const theta = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));

const { x, score } = model.simulateWithScore(foldIn(keyOf(1), 0), theta);
console.log('map', x.shape, 'noise', model.noiseStandardDeviations[0]);
console.log('score in', model.parameterNames.join(), score);

// The same map again, and 15 more, on all cores.
const many = { shape: [16, 6], data: Float64Array.from({ length: 96 }, (_, i) => theta[i % 6]) };
const { maps, failures } = await simulateMany({ survey, theta: many, key: keyOf(1) });
console.log('maps', maps.shape, 'failures', failures.length);
