// Log density of (theta, latents) with its full gradient, beside the same in JAX:
// `node src/joint-density.mjs [--n 64 --n 256] [--coordinates wiener] [--rounds 2]`, and beside JAX's with theta fixed.
// The peer runs where LENSFIELD_PEERS_PYTHON (an interpreter with jax) and LENSFIELD_PEERS (the folder with jax/bench_forward.py)
// say; without them only our figures are printed. Runs alternate on the same cores, one after the other.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    n: { type: 'string', multiple: true, default: ['64', '256'] },
    threads: { type: 'string', multiple: true, default: ['1', '2'] },
    coordinates: { type: 'string', multiple: true, default: ['white', 'wiener'] },
    rounds: { type: 'string', default: '2' },
    measure: { type: 'boolean', default: false },
    backend: { type: 'string', default: 'native' },
  },
  allowPositionals: true,
});

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Independent normals of the paper's widths; what a prior costs is nothing beside the maps. */
function prior() {
  const mean = [0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1];
  const spread = [0.2, 0.006, 0.14, 0.063, 0.08, 0.9];
  const jacobian = new Float64Array(36);
  spread.forEach((s, i) => {
    jacobian[7 * i] = s;
  });
  return {
    names: ['omega_c', 'omega_b', 'sigma_8', 'h_0', 'n_s', 'w_0'],
    toUnconstrained: (theta) => theta.map((t, i) => (t - mean[i]) / spread[i]),
    fromUnconstrained: (u) => ({
      theta: Float64Array.from(mean, (m, i) => m + spread[i] * u[i]),
      jacobian,
      logJacobian: 0,
    }),
  };
}

/** In a process of its own: prints { ms, theory } of one map size. */
async function measure(n, threads, coordinates) {
  const { keyOf, loadKernels, normal, normalFloat64 } = await import('@lensfield/kernels');
  const { createJointDensity, createLognormalModel, surveyPreset } = await import('@lensfield/lognormal');
  const kernels = await loadKernels({
    backend: options.backend,
    ...(options.backend === 'native' && { threads }),
  });
  const survey = { ...surveyPreset('lsst-y10'), mapSize: n, fieldSizeDeg: (10 * n) / 256 };
  const model = createLognormalModel({ survey, kernels });
  const noise = normal(keyOf(1), 5 * n * n).map((x) => x * model.noiseStandardDeviations[0]);
  const density = createJointDensity({
    model,
    prior: prior(),
    coordinates,
    observation: { shape: [n, n, 5], data: noise },
  });
  const latents = normalFloat64(keyOf(2), 5 * n * n);
  const position = density.positionOf(Float64Array.of(0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1), latents);
  const gradient = new Float64Array(position.length);
  const timed = (run) => {
    const times = [];
    for (const end = performance.now() + 3000; times.length < 10 || performance.now() < end; ) {
      const start = performance.now();
      run();
      times.push(performance.now() - start);
    }
    return { median: median(times), least: Math.min(...times) };
  };
  for (let i = 0; i < 30; i++) density.logDensityAndGradient(position, gradient);
  const ms = timed(() => density.logDensityAndGradient(position, gradient));
  const theta = density.cosmologyOf(position);
  const theory = timed(() => model.engine.theory(theta, { jacobian: true }));
  console.log(JSON.stringify({ ms, theory }));
}

/** Runs a command on the first `threads` cores where that can be arranged. */
function onCores(threads, command, args, cwd) {
  const pin = spawnSync('taskset', ['--version']).status === 0;
  const cores = Array.from({ length: threads }, (_, i) => i).join(',');
  const run = pin
    ? spawnSync('taskset', ['-c', cores, command, ...args], { cwd, encoding: 'utf8' })
    : spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${command} ended with ${run.status}: ${run.stderr}`);
  return run.stdout;
}

function ours(n, threads, coordinates) {
  const self = fileURLToPath(import.meta.url);
  const args = [
    self,
    '--measure',
    '--backend',
    options.backend,
    '--coordinates',
    coordinates,
    '--n',
    String(n),
    '--threads',
    String(threads),
  ];
  return JSON.parse(onCores(threads, process.execPath, args));
}

/** The peer's measurement of a name that holds `only`. */
function peers(n, threads, only) {
  const python = process.env.LENSFIELD_PEERS_PYTHON;
  const folder = join(process.env.LENSFIELD_PEERS ?? '', 'jax');
  if (!python || !existsSync(join(folder, 'bench_forward.py'))) return undefined;
  const lines = onCores(threads, python, ['bench_forward.py', '--n', String(n), '--only', only], folder);
  const { ms_median, ms_min } = JSON.parse(lines.trim().split('\n').at(-1));
  return { median: ms_median, least: ms_min };
}

const PEER_NAMES = { white: 'grad-n', wiener: 'gradwiener-n' };

function compare(n, threads, coordinates) {
  const rounds = Array.from({ length: Number(options.rounds) }, () => ({
    own: ours(n, threads, coordinates),
    peer: peers(n, threads, PEER_NAMES[coordinates]),
    fixed: peers(n, threads, 'gradz-n'),
  }));
  const own = median(rounds.map((r) => r.own.ms.median));
  const line = `${n}^2 x 5, ${coordinates}, ${options.backend}, ${threads} thread(s): ${own.toFixed(2)} ms (least ${Math.min(...rounds.map((r) => r.own.ms.least)).toFixed(2)}, of it theory ${median(rounds.map((r) => r.own.theory.median)).toFixed(2)})`;
  if (!rounds[0].peer) {
    console.log(`${line}; JAX not compared: set LENSFIELD_PEERS_PYTHON and LENSFIELD_PEERS`);
    return;
  }
  const peer = median(rounds.map((r) => r.peer.median));
  const least = Math.min(...rounds.map((r) => r.peer.least));
  const fixed = median(rounds.map((r) => r.fixed.median));
  console.log(
    `${line}; JAX ${peer.toFixed(1)} ms (least ${least.toFixed(1)}); ratio ${(peer / own).toFixed(1)}; JAX with theta fixed ${fixed.toFixed(2)} ms, ours ${(own / fixed).toFixed(2)} of it`,
  );
}

if (options.measure) await measure(Number(options.n[0]), Number(options.threads[0]), options.coordinates[0]);
else
  for (const n of options.n)
    for (const threads of options.threads)
      for (const coordinates of options.coordinates) compare(Number(n), Number(threads), coordinates);
