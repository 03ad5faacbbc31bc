// Forward and inverse transform of five real fields: our backends, and FFTW beside them when a Python with pyFFTW is named.
// node packages/bench/src/fft.mjs [python]
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { fillNormal, irfft2, keyOf, loadEveryKernels, rfft2 } from '@lensfield/kernels';

const SIZES = [60, 64, 75, 128, 256];
const BATCH = 5;
const ROUNDS = 25;

/** Least of many rounds, in ms: what the code costs when nothing else runs. */
function leastMilliseconds(kernels, size) {
  const shape = { batch: BATCH, rows: size, columns: size };
  const maps = kernels.float32(BATCH * size * size);
  const modes = kernels.float32(BATCH * size * (Math.floor(size / 2) + 1) * 2);
  fillNormal(kernels, keyOf(1), maps);
  const calls = Math.max(10, Math.floor(300_000 / size ** 2));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let call = 0; call < calls; call++) {
      rfft2(kernels, maps, modes, shape);
      irfft2(kernels, modes, maps, shape);
    }
    best = Math.min(best, (performance.now() - start) / calls);
  }
  kernels.free(maps);
  kernels.free(modes);
  return best;
}

function fftwTimes(python, threads) {
  const script = fileURLToPath(new URL('./fftw.py', import.meta.url));
  const cases = threads.flatMap((count) => SIZES.map((size) => [count, size]));
  const run = spawnSync(python, [script, JSON.stringify(cases)], { encoding: 'utf8' });
  if (run.status === 0) return JSON.parse(run.stdout);
  console.error(`fft: ${python} must have pyFFTW and NumPy; got: ${run.stderr.trim().split('\n').at(-1)}`);
  return {};
}

const python = process.argv[2];
const threads = [...new Set([1, cpus().length])];
const fftw = python ? fftwTimes(python, threads) : {};
console.log(`${cpus()[0].model}; ms for rfft2 + irfft2 of ${BATCH} fields, least of ${ROUNDS} rounds`);
for (const count of threads)
  for (const kernels of await loadEveryKernels({ threads: count })) {
    if (kernels.backend === 'wasm' && count > 1) continue;
    for (const size of SIZES) {
      const ours = leastMilliseconds(kernels, size);
      const theirs = fftw[`${count}/${size}`];
      const beside = theirs ? `  FFTW ${theirs.toFixed(4)}  ratio ${(ours / theirs).toFixed(2)}` : '';
      console.log(`${kernels.backend.padEnd(6)} ${count} thread(s) ${size}^2  ${ours.toFixed(4)}${beside}`);
    }
  }
