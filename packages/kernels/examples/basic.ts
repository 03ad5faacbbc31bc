import { backendInfo, fillNormal, irfft2, keyOf, loadKernels, rfft2, sumOfSquares } from '@lensfield/kernels';

console.log((await backendInfo()).serves);
const kernels = await loadKernels();
const shape = { batch: 5, rows: 64, columns: 64 };
const maps = kernels.float32(5 * 64 * 64);
const modes = kernels.float32(5 * 64 * 33 * 2);

fillNormal(kernels, keyOf(1), maps); // the numbers of jax.random.normal(jax.random.key(1), (5 * 64 * 64,))
const power = sumOfSquares(kernels, maps);
rfft2(kernels, maps, modes, shape);
irfft2(kernels, modes, maps, shape);
console.log(sumOfSquares(kernels, maps) / power); // 1.000000
kernels.free(modes);
