export { conditionalDensityContract } from './contracts/conditional-density.ts';
export { priorContract } from './contracts/prior.ts';
export { samplingAlgorithmContract } from './contracts/sampling-algorithm.ts';
export { simulatorContract } from './contracts/simulator.ts';
export { directionalDerivative, gradientByDifferences, richardsonDerivative } from './finite-differences.ts';
export { hasReference, referenceFile } from './reference-files.ts';
export { largestDifference, largestRelativeDifference, relativeError } from './tolerances.ts';
