import { foldIn, keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import {
  lowRankMetric,
  mclmc,
  type RunChainOptions,
  type RunChainResult,
  runChain,
  tuneMclmc,
  unitMetric,
} from '../src/index.ts';
import { deviationsInErrors } from './support/effective-sample-size.ts';
import {
  banana,
  centredFunnel,
  eightSchools,
  logisticRegression,
  longDirections,
  reparametrisedFunnel,
  type TestTarget,
} from './support/targets.ts';

/** A number of which the target's mean and variance are known. */
interface Known {
  readonly of: (position: Float64Array) => number;
  readonly mean: number;
  readonly variance: number;
}

interface Case {
  readonly target: TestTarget;
  readonly known: readonly Known[];
  /** Draws of NUTS and HMC; MCLMC makes `steps`. */
  readonly draws: number;
  readonly steps: number;
  readonly adaptation?: RunChainOptions['adaptation'];
}

const coordinate = (i: number, mean: number, variance: number): Known => ({
  of: (x) => x[i],
  mean,
  variance,
});

const long = longDirections(1000);
const longMetric = lowRankMetric(
  unitMetric(1000),
  Float64Array.from(long.directions.flatMap((direction) => Array.from(direction))),
  new Float64Array(3).fill(long.variance),
);

/** log |x| = v / 2 + log |z|: mean -(gamma + log 2) / 2, variance of v / 4 + pi^2 / 8, the half-normal's digamma and trigamma at 1/2. */
const funnelOf = (varianceOfV: number) => ({
  mean: -(0.5772156649015329 + Math.LN2) / 2,
  variance: varianceOfV / 4 + Math.PI ** 2 / 8,
});

/**
 * Mean and standard deviation of four coefficients from 80 000 draws of numpyro 0.22 NUTS (4 chains of 20 000, key 11; effective sizes
 * above 60 000: errors of 0.4 % of the deviation in the mean and 0.3 % in the deviation).
 */
const COEFFICIENTS: [number, number, number][] = [
  [0, -0.38346, 0.09319],
  [5, -0.64419, 0.16442],
  [15, -1.03414, 0.1638],
  [24, -0.36144, 0.12436],
];

const cases: Record<string, Case> = {
  'Gaussian of 1000 dimensions with three long directions': {
    target: long,
    known: [0, 1, 2, 500, 999].map((i) => coordinate(i, 0, long.variances[i])),
    draws: 500,
    steps: 3000,
    adaptation: { initialMetric: longMetric, adaptMetric: false },
  },
  'funnel, centred': {
    target: centredFunnel(5),
    known: [
      coordinate(0, 0, 1),
      ...[1, 5].map((i) => ({ of: (x: Float64Array) => Math.log(Math.abs(x[i])), ...funnelOf(1) })),
    ],
    draws: 6000,
    steps: 40_000,
    adaptation: { targetAcceptanceRate: 0.95 },
  },
  'funnel, non-centred': {
    target: reparametrisedFunnel(9),
    known: [
      coordinate(0, 0, 1),
      ...[1, 9].map((i) => ({
        of: (x: Float64Array) => (3 * x[0]) / 2 + Math.log(Math.abs(x[i])),
        ...funnelOf(9),
      })),
    ],
    draws: 3000,
    steps: 15_000,
  },
  banana: {
    target: banana,
    known: [coordinate(0, 0, 1), coordinate(1, 0, 3)],
    draws: 8000,
    steps: 40_000,
    adaptation: { targetAcceptanceRate: 0.95 },
  },
  'eight schools, non-centred': {
    // By quadrature over tau, as in targets.test.ts.
    target: eightSchools,
    known: [coordinate(0, 4.3787, 11.007)],
    draws: 3000,
    steps: 30_000,
    adaptation: { targetAcceptanceRate: 0.95 },
  },
  'logistic regression': {
    target: logisticRegression(),
    known: COEFFICIENTS.map(([i, mean, deviation]) => coordinate(i, mean, deviation ** 2)),
    draws: 400,
    steps: 2000,
  },
};

async function sample(target: TestTarget, options: RunChainOptions): Promise<RunChainResult> {
  const chain = runChain(target, options);
  for (;;) {
    const next = await chain.next();
    if (next.done) return next.value;
  }
}

/** 5 standard errors with the measured effective size; and one that is not so small that anything would pass. */
function expectKnown({ samples: { shape, data } }: Pick<RunChainResult, 'samples'>, known: readonly Known[]) {
  const [count, width] = shape;
  for (const { of, mean, variance } of known) {
    const values = Float64Array.from({ length: count }, (_, i) =>
      of(data.subarray(i * width, (i + 1) * width)),
    );
    const deviations = deviationsInErrors(values, { mean, variance });
    expect(deviations.mean).toBeLessThan(5);
    expect(deviations.variance).toBeLessThan(5);
    expect(deviations.effectiveSize).toBeGreaterThan(100);
  }
}

describe.each(Object.entries(cases))('%s', (_, { target, known, draws, steps, adaptation }) => {
  it('NUTS', async () => {
    const options = { key: keyOf(1), numWarmup: 300, numSamples: draws, ...(adaptation && { adaptation }) };
    expectKnown(await sample(target, options), known);
  });

  it('HMC with learned trajectory length', async () => {
    const sampler = { kind: 'hmc', numIntegrationSteps: 'adapted' } as const;
    const options = { key: keyOf(2), numWarmup: 300, numSamples: draws, ...(adaptation && { adaptation }) };
    expectKnown(await sample(target, { ...options, sampler }), known);
  });

  it('adjusted MCLMC', async () => {
    const options = {
      key: keyOf(3),
      numWarmup: 1000,
      numSamples: steps,
      sampler: { kind: 'mclmc' } as const,
    };
    expectKnown(
      await sample(target, { ...options, adaptation: { targetAcceptanceRate: 0.9, ...adaptation } }),
      known,
    );
  });
});

it.each(['Gaussian of 1000 dimensions with three long directions', 'eight schools, non-centred'])(
  'MCLMC without adjustment, %s: means, and variances to 4 per cent and 5 standard errors',
  (name) => {
    const { target, known, steps, adaptation } = cases[name];
    const { logDensityAndGradient, dimension } = target;
    const tuning = tuneMclmc(logDensityAndGradient, {
      key: keyOf(4),
      position: new Float64Array(dimension).fill(0.1),
      numSteps: 1500,
      ...(adaptation?.initialMetric && { metric: adaptation.initialMetric }),
    });
    const { step } = mclmc(logDensityAndGradient, tuning);
    let { state } = tuning;
    const series = known.map(() => new Float64Array(steps));
    for (let i = 0; i < steps; i++) {
      [state] = step(foldIn(keyOf(5), i), state);
      known.forEach(({ of }, k) => {
        series[k][i] = of(state.position);
      });
    }
    known.forEach(({ mean, variance }, k) => {
      const errors = deviationsInErrors(series[k], { mean, variance });
      expect(errors.mean).toBeLessThan(5);
      expect(errors.effectiveSize).toBeGreaterThan(100);
      const square = series[k].reduce((sum, x) => sum + (x - mean) ** 2, 0) / steps;
      expect(Math.abs(square / variance - 1)).toBeLessThan(0.04 + 5 * Math.sqrt(2 / errors.effectiveSize));
    });
  },
);
