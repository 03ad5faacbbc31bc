import { pooledMoments, runChains, varianceOf } from '@lensfield/hmc';
import { keyOf } from '@lensfield/kernels';

// Mean and scatter of eleven measurements, y ~ N(mu, sigma), flat in mu and log sigma: E[mu] = 1.2, Var[mu] = 2.7 / 88 = 0.031.
const y = [0.7, 1.3, 0.9, 2.1, 1.5, 0.4, 1.8, 1.1, 1.4, 0.6, 1.4];

function logDensityAndGradient([mu, logSigma]: Float64Array, gradient: Float64Array): number {
  const precision = Math.exp(-2 * logSigma);
  const squares = y.reduce((total, value) => total + (value - mu) ** 2, 0);
  gradient[0] = precision * y.reduce((total, value) => total + (value - mu), 0);
  gradient[1] = precision * squares - y.length;
  return (-precision * squares) / 2 - y.length * logSigma;
}

const target = { dimension: 2, logDensityAndGradient };
const { chains } = await runChains({ target, numChains: 4, key: keyOf(1), numWarmup: 500, numSamples: 2000 });
const moments = pooledMoments(chains.map((chain) => chain.moments));
console.log('mean', moments.mean, 'variance', varianceOf(moments));
