import { c2st, rankUniformity, rhat, sbcRanks, tarp } from '@lensfield/diagnostics';
import { keyOf, loadKernels, normalFloat64, splitKey } from '@lensfield/kernels';

const [truthKey, drawKey, chainKey, testKey] = splitKey(keyOf(1), 4);
const chains = { shape: [4, 500], data: normalFloat64(chainKey, 2000) };
console.log('R-hat', rhat(chains));

// 300 simulations with 100 posterior draws of one parameter each; here the posterior is the prior.
const theta = { shape: [300, 1], data: normalFloat64(truthKey, 300) };
const samples = { shape: [300, 100, 1], data: normalFloat64(drawKey, 30000) };
const { ranks, numDraws } = sbcRanks({ samples, theta });
console.log('SBC p', rankUniformity(ranks[0], { numDraws, key: testKey }).chiSquarePValue);
console.log('TARP p', tarp({ samples, theta, key: testKey }).pValue);

const [a, b] = [0, 1000].map((start) => ({ shape: [500, 2], data: chains.data.slice(start, start + 1000) }));
const kernels = await loadKernels();
console.log('C2ST', c2st({ kernels, samples: a, reference: b, key: testKey }).accuracy);
