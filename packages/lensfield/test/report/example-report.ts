import { summarizeChains } from '@lensfield/diagnostics';
import { keyOf, normalFloat64, splitKey, uniformFloat64 } from '@lensfield/kernels';
import type { ReportData } from '../../src/report/report-data.ts';

const NAMES = ['omega_c', 'omega_b', 'sigma_8', 'h_0', 'n_s', 'w_0'];
const TRUTH = [0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1];
const SD = [0.05, 0.006, 0.055, 0.06, 0.05, 0.28];
const BOUNDS: (readonly [number, number] | undefined)[] = [
  [0, Infinity],
  undefined,
  undefined,
  undefined,
  undefined,
  [-2, -0.3],
];
const PRIORS = [
  'normal(0.2664, 0.2) above 0',
  'normal(0.0492, 0.006)',
  'normal(0.831, 0.14)',
  'normal(0.6727, 0.063)',
  'normal(0.9645, 0.08)',
  'normal(−1, 0.9) in [−2, −0.3]',
];

/** Correlated chains [chains, draws, 6] about the truth with the ridge in omega_c and sigma_8, at a memory of `rho` per draw. */
function chains(seed: number, numChains: number, numDraws: number, rho: number, offset = 0) {
  const normal = normalFloat64(keyOf(seed), numChains * numDraws * 6);
  const data = new Float64Array(normal.length);
  for (let c = 0; c < numChains; c++) {
    const u = new Float64Array(6);
    for (let t = 0; t < numDraws; t++) {
      const at = (c * numDraws + t) * 6;
      for (let i = 0; i < 6; i++) {
        const fresh = normal[at + i];
        u[i] = t === 0 ? fresh : rho * u[i] + Math.sqrt(1 - rho * rho) * fresh;
      }
      const v = [u[0], u[1], -0.9 * u[0] + 0.44 * u[2], u[3], u[4], u[5]];
      for (let i = 0; i < 6; i++) data[at + i] = TRUTH[i] + SD[i] * (v[i] + (i === 0 ? offset : 0));
      data[at + 5] = Math.min(-0.3, Math.max(-2, data[at + 5]));
      data[at] = Math.abs(data[at]);
    }
  }
  return { shape: [numChains, numDraws, 6], data };
}

const flat = ({ shape, data }: ReturnType<typeof chains>) => ({ shape: [shape[0] * shape[1], 6], data });

/** The same about the truth, half as wide again. */
const wider = ({ shape, data }: ReturnType<typeof flat>) => ({
  shape,
  data: data.map((value, i) => TRUTH[i % 6] + 1.5 * (value - TRUTH[i % 6])),
});

function maps(seed: number, mapSize: number, noise: number) {
  const normal = normalFloat64(keyOf(seed), mapSize * mapSize * 5);
  const data = Float32Array.from(normal, (z, k) => {
    const bin = k % 5;
    const [column, row] = [Math.floor(k / 5) % mapSize, Math.floor(k / 5 / mapSize)];
    const wave = Math.sin(row / 6 + 1) * Math.cos(column / 8) + Math.sin((row + column) / 11);
    return 0.006 * (bin + 1) * Math.exp(wave) - 0.008 * (bin + 1) + noise * z;
  });
  return { shape: [mapSize, mapSize, 5], data };
}

function spectra() {
  const ell = Array.from({ length: 9 }, (_, k) => 180 * 1.45 ** k);
  const fine = Array.from({ length: 60 }, (_, k) => 150 * 1.07 ** k);
  const power = (l: number, i: number, j: number): number =>
    (2.2e-10 * (i + 1) * (j + 1) * (l / 1000) ** -1.2) / (1 + (l / 5000) ** 2);
  const pairs = [0, 1, 2, 3, 4].flatMap((i) => [0, 1, 2, 3, 4].slice(i).map((j) => [i, j]));
  const noise = (i: number, j: number): number => (i === j ? 1.06e-9 : 0);
  const expected = pairs.map(([i, j]) => ell.map((l) => power(l, i, j) + noise(i, j)));
  const errors = pairs.map(([i, j]) => ell.map((l) => (power(l, i, j) + 1.06e-9) * Math.sqrt(20 / l)));
  const keys = splitKey(keyOf(5), pairs.length);
  const values = expected.map((row, p) => {
    const z = normalFloat64(keys[p], row.length);
    return row.map((value, k) => value + errors[p][k] * z[k]);
  });
  return {
    measured: { label: 'measured', ell, values, errors, expected },
    curves: [
      {
        label: 'theory + noise',
        ell: fine,
        values: pairs.map(([i, j]) => fine.map((l) => power(l, i, j) + noise(i, j))),
      },
      {
        label: 'theory',
        ell: fine,
        values: pairs.map(([i, j]) => fine.map((l) => power(l, i, j))),
        dashed: true,
      },
    ],
  };
}

function redshiftBins() {
  const z = Array.from({ length: 400 }, (_, k) => k * 0.01);
  return [0.3, 0.58, 0.87, 1.26, 2.0].map((mean, i) => {
    const width = 0.1 + 0.07 * i;
    return { z, density: z.map((at) => Math.exp(-0.5 * ((at - mean) / width) ** 2) / (width * 2.507)) };
  });
}

const test = (name: string, method: 'sbc' | 'tarp', p: number) => ({
  name,
  method,
  pValue: p / 2,
  correctedPValue: p,
  isRejected: p <= 0.02,
});

function calibration(label: string, leakedFraction: number, power = 1) {
  const keys = splitKey(keyOf(9), 6);
  const levels = Array.from({ length: 51 }, (_, k) => k / 50);
  const numDraws = 200;
  return {
    label,
    numSimulations: 500,
    numDraws,
    sbc: NAMES.map((name, i) => ({
      name,
      ranks: Array.from(uniformFloat64(keys[i], 500), (u) => Math.floor(u ** power * (numDraws + 1))),
    })),
    tarp: {
      levels,
      coverage: levels.map((level) => level ** (power === 1 ? 1.02 : 1.3)),
      coverageSd: levels.map((level) => Math.sqrt((level * (1 - level)) / 500)),
    },
    verdict: power === 1 ? ('passed' as const) : ('rejected' as const),
    statement: power === 1 ? 'Passed 2 tests.' : 'Rejected by 2 tests.',
    level: 0.02,
    tests: [
      test('sigma_8: shift', 'sbc', power === 1 ? 0.31 : 2e-7),
      test('tarp: mean', 'tarp', power === 1 ? 0.44 : 1e-4),
    ],
    controls: ['too wide by 20 %', 'too narrow by 20 %', 'shifted by 0.3 sd'].map((fault) => ({
      fault,
      numCaught: 20,
      numTrials: 20,
      isCaught: true,
      caughtBy: [],
      simulationsNeeded: 400,
    })),
    leakedFraction,
  };
}

function divergencesAtLowSigma8() {
  return NAMES.map((name) => {
    const nowhere = { name, offset: 0.1, numVisits: 20, zScore: 0.4, pValue: 1 };
    return name === 'sigma_8'
      ? { ...nowhere, offset: -1.7, zScore: -6.2, pValue: 3e-9, end: 'low' as const }
      : nowhere;
  });
}

const falling = (length: number, from: number, to: number, lift: number, seed: number): number[] => {
  const z = normalFloat64(keyOf(seed), length);
  return Array.from({ length }, (_, k) => to + (from - to) * Math.exp(-k / 9) + lift * k + 0.02 * z[k]);
};

/** A page as the demonstration makes it, from made-up numbers: everything present and in order, or with faults. */
export function exampleReport({ hasFaults = false } = {}): ReportData {
  const explicit = chains(1, 4, hasFaults ? 150 : 1200, hasFaults ? 0.97 : 0.4);
  const observation = maps(3, 64, 0.0477);
  const energy = normalFloat64(keyOf(7), explicit.shape[0] * explicit.shape[1]).map((z) => 10240 + 71 * z);
  return {
    title: 'Two routes from a convergence map to cosmology',
    summary:
      'One simulated LSST-Y10-like map of 2.5° × 2.5° in five bins, analysed by simulation-based inference and by sampling the field itself.',
    run: {
      command: 'lensfield demo --out demo --seed 1',
      options: { survey: 'lsst-y10-demo', seed: 1, simulations: 8000, minutes: 3 },
      versions: { lensfield: '0.1.0', '@lensfield/kernels': '0.1.0', '@lensfield/hmc': '0.1.0' },
      machine: { node: 'v20.20.2', platform: 'linux-x64', backend: 'native', threads: 2 },
      inputs: { 'map.npy': 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c' },
    },
    parameters: NAMES.map((name, i) => ({
      name,
      truth: TRUTH[i],
      prior: PRIORS[i],
      ...(BOUNDS[i] ? { bounds: BOUNDS[i] } : {}),
    })),
    survey: {
      name: 'lsst-y10-demo',
      mapSize: 64,
      fieldSizeDeg: 2.5,
      galaxiesPerArcmin2: [5.4, 5.4, 5.4, 5.4, 5.4],
      sigmaE: 0.26,
      noiseSd: [0.04774, 0.04774, 0.04774, 0.04774, 0.04774],
      redshiftBins: redshiftBins(),
    },
    observation: {
      maps: observation,
      fieldSizeDeg: 2.5,
      source: 'simulated with seed 1',
      convergence: maps(3, 64, 0),
      reconstruction: { mean: maps(4, 64, 0.001) },
    },
    spectra: spectra(),
    posteriors: [
      {
        label: 'implicit',
        method: 'implicit',
        samples: flat(chains(2, 1, 10_000, 0, hasFaults ? 1.4 : 0.1)),
      },
      {
        label: 'explicit',
        method: 'explicit',
        samples: flat(explicit),
        effectiveSize: hasFaults ? 20 : 1800,
      },
      { label: 'power spectrum', method: 'spectra', samples: wider(flat(explicit)), effectiveSize: 900 },
    ],
    comparisons: [
      { a: 'explicit', b: 'implicit', c2st: { accuracy: hasFaults ? 0.81 : 0.54, standardError: 0.008 } },
    ],
    convergence: [
      {
        label: 'explicit',
        samples: explicit,
        summary: summarizeChains(explicit, { names: NAMES }),
        numWarmup: 400,
        divergences: hasFaults ? 30 : 0,
        divergenceLocations: hasFaults ? divergencesAtLowSigma8() : [],
        energy: { shape: explicit.shape.slice(0, 2), data: energy },
        stepSize: [0.081, 0.079, 0.083, 0.08],
        acceptanceRate: [0.81, 0.8, 0.82, 0.79],
        gradients: 61_440,
      },
    ],
    calibrations: [calibration('implicit', hasFaults ? 0.06 : 0.004, hasFaults ? 1.5 : 1)],
    trainings: [
      {
        label: 'compressor',
        training: falling(60, 3, -0.6, 0, 11),
        validation: falling(60, 3.1, -0.45, 0.002, 12),
        bestStep: 41,
      },
      {
        label: 'density estimator',
        training: falling(80, 6, -7.1, 0, 13),
        validation: falling(80, 6, -6.9, 0.004, 14),
        bestStep: 52,
        lossName: 'negative log probability',
      },
    ],
    costs: [
      { stage: 'simulate', seconds: 74, simulations: 8000 },
      { stage: 'train compressor', seconds: 148 },
      { stage: 'train density estimator', seconds: 35.2 },
      { stage: 'calibrate', seconds: 6.4, simulations: 500 },
      { stage: 'sample parameters and field', seconds: 184, gradients: 61_440 },
    ],
    notes: [
      {
        level: 'info',
        text: 'The demonstration is small: fewer simulations and shorter chains than an analysis would use.',
      },
      ...(hasFaults
        ? [
            {
              level: 'warning' as const,
              text: 'The sampler was stopped by --minutes before its draws were complete.',
            },
          ]
        : []),
    ],
  };
}
