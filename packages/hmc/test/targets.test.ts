import { keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { blockMetric, type RunChainOptions, type RunChainResult, runChain } from '../src/index.ts';
import { deviationsInErrors } from './support/effective-sample-size.ts';
import {
  correlatedGaussian,
  eightSchools,
  reparametrisedFunnel,
  SCHOOLS,
  type TestTarget,
} from './support/targets.ts';

async function sample(target: TestTarget, options: RunChainOptions): Promise<RunChainResult> {
  const chain = runChain(target, options);
  for (;;) {
    const next = await chain.next();
    if (next.done) return next.value;
  }
}

/** One function of the recorded coordinates, along the chain. */
function along({ samples }: RunChainResult, read: (draw: Float64Array) => number): Float64Array {
  const [count, width] = samples.shape;
  return Float64Array.from({ length: count }, (_, i) =>
    read(samples.data.subarray(i * width, (i + 1) * width)),
  );
}

/** 5 standard errors with the measured ESS: a false alarm in about two million comparisons. */
const MOST_ERRORS = 5;

/**
 * Without a floor a chain that hardly moves would pass by its large error, and with few effective draws a mean of squares is not yet
 * normal. The numbers of draws below are such that the worst of 100 coordinates comes out above with each
 * of the keys 1 to 8 (measured: 174 at least).
 */
const LEAST_EFFECTIVE_SIZE = 100;

function expectMoments(values: Float64Array, truth: { mean: number; variance: number }) {
  const deviations = deviationsInErrors(values, truth);
  expect(deviations.mean).toBeLessThan(MOST_ERRORS);
  expect(deviations.variance).toBeLessThan(MOST_ERRORS);
  expect(deviations.effectiveSize).toBeGreaterThan(LEAST_EFFECTIVE_SIZE);
}

describe('correlated Gaussian in 100 dimensions', () => {
  const target = correlatedGaussian(100, 3);
  const samplers: [string, Pick<RunChainOptions, 'numSamples' | 'sampler' | 'adaptation'>][] = [
    ['NUTS, diagonal metric', { numSamples: 4000 }],
    ['NUTS, dense block of 20', { numSamples: 4000, adaptation: { denseFor: 20 } }],
    ['NUTS, dense metric', { numSamples: 1000, adaptation: { denseFor: 100 } }],
    [
      // Half as many effective draws as the variances of the draws give: gradients do not see the three long directions.
      'NUTS, diagonal from draws and gradients',
      { numSamples: 8000, adaptation: { diagonalEstimate: 'draws-and-gradients' } },
    ],
    [
      // A draw is one step, so that 500 draws of warm-up teach no dense metric: it is given.
      'adjusted MCLMC, its covariance as metric',
      {
        numSamples: 10_000,
        sampler: { kind: 'mclmc', decoherence: 4 },
        adaptation: {
          adaptMetric: false,
          initialMetric: blockMetric(target.covariance, new Float64Array(0)),
          targetAcceptanceRate: 0.9,
        },
      },
    ],
    [
      'HMC, 20 steps with jitter',
      { numSamples: 4000, sampler: { kind: 'hmc', numIntegrationSteps: 20, jitter: 0.5 } },
    ],
  ];

  it.each(samplers)('has the exact means and variances: %s', async (_, options) => {
    const result = await sample(target, { key: keyOf(1), numWarmup: 500, ...options });
    expect(result.divergences.numSampling).toBe(0);
    for (let i = 0; i < 100; i++) {
      expectMoments(
        along(result, (x) => x[i]),
        { mean: 0, variance: target.covariance[i * 101] },
      );
    }
    // One correlation, which the diagonal cannot see: E[x y] is the covariance.
    const product = along(result, (x) => x[0] * x[1]);
    expect(deviationsInErrors(product, { mean: target.covariance[1], variance: 1 }).mean).toBeLessThan(
      MOST_ERRORS,
    );
  });
});

describe('funnel, reparametrised', () => {
  it('has the exact moments of v and of log |x|', async () => {
    const result = await sample(reparametrisedFunnel(9), { key: keyOf(2), numWarmup: 300, numSamples: 4000 });
    expect(result.divergences.numSampling).toBe(0);
    expectMoments(
      along(result, ([w]) => 3 * w),
      { mean: 0, variance: 9 },
    );
    // log |x| = v / 2 + log |z|; the logarithm of chi-square(1) has mean -gamma - log 2 and variance pi^2 / 2 (digamma and trigamma
    // at 1/2). Moments of x itself are no test: its kurtosis is e^9 times that of z.
    const logarithm = { mean: -(0.5772156649015329 + Math.LN2) / 2, variance: 9 / 4 + Math.PI ** 2 / 8 };
    for (let i = 1; i <= 9; i++) {
      expectMoments(
        along(result, (p) => (3 * p[0]) / 2 + Math.log(Math.abs(p[i]))),
        logarithm,
      );
    }
  });
});

describe('eight schools, non-centred', () => {
  it('has the means and variances of quadrature over tau', async () => {
    const result = await sample(eightSchools, {
      key: keyOf(3),
      numWarmup: 500,
      numSamples: 6000,
      adaptation: { targetAcceptanceRate: 0.9 },
    });
    const truth = schoolsByQuadrature();
    // The posterior of posteriordb `eight_schools-eight_schools_noncentered` (10 000 draws of Stan): mu 4.4, tau 3.6.
    expect(truth.mu.mean).toBeCloseTo(4.4, 1);
    expect(truth.tau.mean).toBeCloseTo(3.6, 1);
    expectMoments(
      along(result, ([mu]) => mu),
      truth.mu,
    );
    expectMoments(
      along(result, (p) => Math.exp(p[1])),
      truth.tau,
    );
    for (let j = 0; j < 8; j++)
      expectMoments(
        along(result, (p) => p[0] + Math.exp(p[1]) * p[2 + j]),
        truth.theta[j],
      );
    expect(result.divergences.numSampling).toBeLessThan(10);
  });
});

/**
 * Exact moments: given tau everything is Gaussian (y_j ~ N(mu, error_j^2 + tau^2), mu ~ N(0, 25)), so that only tau remains, by the
 * midpoint rule in log tau from e^-12 to e^8, which holds all but 1e-5 of tau's posterior.
 */
function schoolsByQuadrature() {
  const points = 20_000;
  const total = { weight: 0, mu: [0, 0], tau: [0, 0], theta: SCHOOLS.effects.map(() => [0, 0]) };
  const add = (sums: number[], weight: number, mean: number, variance: number) => {
    sums[0] += weight * mean;
    sums[1] += weight * (variance + mean * mean);
  };
  for (let i = 0; i < points; i++) {
    const tau = Math.exp(-12 + (20 * (i + 0.5)) / points);
    let precision = 1 / 25;
    let pull = 0;
    let logWeight = Math.log(tau) - Math.log1p((tau / 5) ** 2);
    SCHOOLS.effects.forEach((y, j) => {
      const variance = SCHOOLS.errors[j] ** 2 + tau * tau;
      precision += 1 / variance;
      pull += y / variance;
      logWeight -= Math.log(variance) / 2 + (y * y) / variance / 2;
    });
    const mu = pull / precision;
    logWeight += (mu * pull - Math.log(precision)) / 2;
    const weight = Math.exp(logWeight);
    total.weight += weight;
    add(total.mu, weight, mu, 1 / precision);
    add(total.tau, weight, tau, 0);
    SCHOOLS.effects.forEach((y, j) => {
      // theta_j given tau and mu is a weighted mean of y_j and mu; then mu is averaged over.
      const share = (tau * tau) / (tau * tau + SCHOOLS.errors[j] ** 2);
      const variance = share * SCHOOLS.errors[j] ** 2 + (1 - share) ** 2 / precision;
      add(total.theta[j], weight, share * y + (1 - share) * mu, variance);
    });
  }
  const moments = ([first, second]: number[]) => {
    const mean = first / total.weight;
    return { mean, variance: second / total.weight - mean * mean };
  };
  return { mu: moments(total.mu), tau: moments(total.tau), theta: total.theta.map(moments) };
}
