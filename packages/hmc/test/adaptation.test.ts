import { foldIn, keyOf, normalFloat64, uniformFloat64 } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { addToEstimate, emptyEstimate, metricOf } from '../src/adaptation/metric-estimate.ts';
import {
  blockMetric,
  createChain,
  diagonalMetric,
  dualAveraging,
  findInitialStepSize,
  type RunChainOptions,
  runChain,
  unitMetric,
  velocityVerlet,
  warmupSchedule,
} from '../src/index.ts';
import { initState } from '../src/state.ts';
import { correlatedGaussian, independentGaussian, type TestTarget } from './support/targets.ts';

describe('warm-up windows', () => {
  it('are those of the Stan manual', () => {
    // Stan reference manual, automatic parameter tuning: 1000 draws: 75, then 25, 50, 100, 200, 500, then 50.
    expect(warmupSchedule(1000)).toEqual({ start: 75, windowEnds: [100, 150, 250, 450, 950] });
    expect(warmupSchedule(300)).toEqual({ start: 75, windowEnds: [100, 150, 250] });
    expect(warmupSchedule(150)).toEqual({ start: 75, windowEnds: [100] });
    expect(warmupSchedule(100)).toEqual({ start: 15, windowEnds: [90] });
    expect(warmupSchedule(19)).toEqual({ start: 19, windowEnds: [] });
  });

  it('leave a share for the step size where one is asked for', () => {
    // 2000 draws less a fifth: 75, then 25, 50, 100, 200, 400, and what is left of 1600 in the last.
    expect(warmupSchedule(2000, 0.2).windowEnds).toEqual([100, 150, 250, 450, 1600]);
    expect(warmupSchedule(1000, 0.05)).toEqual(warmupSchedule(1000));
  });

  it('cover all draws between the two ends, whatever the length', () => {
    for (let numWarmup = 20; numWarmup < 3000; numWarmup += 7) {
      const { start, windowEnds } = warmupSchedule(numWarmup);
      expect(windowEnds.at(-1)).toBe(numWarmup - (numWarmup < 150 ? Math.floor(0.1 * numWarmup) : 50));
      expect([start, ...windowEnds].every((end, i, ends) => i === 0 || end > ends[i - 1])).toBe(true);
    }
  });
});

describe('dual averaging', () => {
  it('finds the step at which a known acceptance curve has the target', () => {
    // Acceptance exp(-step) has rate 0.8 at step -log 0.8.
    const { init, update } = dualAveraging({ targetAcceptanceRate: 0.8 });
    let state = init(5);
    for (let i = 0; i < 2000; i++) state = update(state, Math.exp(-Math.exp(state.logStepSize)));
    // The pull to the centre, five e-folds away, leaves gamma 5 / sqrt t = 0.006 in the rate: 3 % of the step, whose slope is 0.18.
    expect(Math.abs(Math.exp(state.averageLogStepSize) / -Math.log(0.8) - 1)).toBeLessThan(0.03);
  });

  it('averages the noise of single draws away', () => {
    // Draws accepted or not, with probability exp(-step): the iterate goes on jumping, the average settles.
    const { init, update } = dualAveraging({ targetAcceptanceRate: 0.8 });
    const noise = uniformFloat64(keyOf(2), 2000);
    let state = init(1);
    let scatter = 0;
    for (let i = 0; i < 2000; i++) {
      state = update(state, noise[i] < Math.exp(-Math.exp(state.logStepSize)) ? 1 : 0);
      if (i >= 1900) scatter += (state.logStepSize - Math.log(-Math.log(0.8))) ** 2 / 100;
    }
    expect(Math.sqrt(scatter)).toBeGreaterThan(0.2);
    expect(Math.abs(state.averageLogStepSize - Math.log(-Math.log(0.8)))).toBeLessThan(0.1);
  });

  it('refuses a target outside (0, 1) and a step that is not positive', () => {
    expect(() => dualAveraging({ targetAcceptanceRate: 1 })).toThrow(
      'targetAcceptanceRate must be in (0, 1); got 1',
    );
    expect(() => dualAveraging().init(0)).toThrow('stepSize must be positive and finite; got 0');
  });
});

describe('initial step size', () => {
  it('follows the scale of the target over twelve decades', () => {
    for (const scale of [1e-6, 1, 1e6]) {
      const { logDensityAndGradient } = independentGaussian([scale, scale, scale]);
      const state = initState(logDensityAndGradient, Float64Array.of(scale, -scale, scale));
      const step = findInitialStepSize(
        keyOf(1),
        logDensityAndGradient,
        velocityVerlet,
        unitMetric(3),
        state,
        1,
      );
      expect(step).toBeGreaterThan(0.2 * scale);
      expect(step).toBeLessThan(4 * scale);
    }
  });

  it('says so when the gradient is not that of the density, or the density is flat', () => {
    const search = (target: TestTarget['logDensityAndGradient']) => () =>
      findInitialStepSize(
        keyOf(1),
        target,
        velocityVerlet,
        unitMetric(1),
        initState(target, Float64Array.of(1)),
        1,
      );
    let calls = 0;
    const noise: TestTarget['logDensityAndGradient'] = (_, gradient) => {
      gradient[0] = 0;
      return -10 * calls++;
    };
    expect(search(noise)).toThrow('Check the gradient against finite differences.');
    const flat: TestTarget['logDensityAndGradient'] = (_, gradient) => {
      gradient[0] = 0;
      return 0;
    };
    expect(search(flat)).toThrow('The density seems flat');
  });
});

describe('metric estimate', () => {
  const target = correlatedGaussian(5, 2);
  const rows = Array.from({ length: 40 }, (_, i) =>
    normalFloat64(foldIn(keyOf(3), i), 5).map((z, j) => 3 + z * (j + 1)),
  );
  const states = rows.map((row) => initState(target.logDensityAndGradient, row));

  it('is the two-pass covariance in the block and the two-pass variance outside, pulled to 1e-3 with weight 5', () => {
    const estimate = emptyEstimate(5, 2, 'draws');
    for (const state of states) addToEstimate(estimate, state);
    const metric = metricOf(estimate, { target: null, numDraws: 5 })!;
    const mean = (j: number) => rows.reduce((sum, row) => sum + row[j], 0) / 40;
    const covariance = (j: number, k: number) =>
      rows.reduce((sum, row) => sum + (row[j] - mean(j)) * (row[k] - mean(k)), 0) / 39;
    const regularised = (j: number, k: number) =>
      (40 / 45) * covariance(j, k) + (j === k ? (5 / 45) * 1e-3 : 0);
    for (const [j, k] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
      expect(metric.dense[2 * j + k]).toBeCloseTo(regularised(j, k), 12);
    for (const j of [2, 3, 4]) expect(metric.diagonal[j - 2]).toBeCloseTo(regularised(j, j), 12);
  });

  it('is pulled to a given metric instead, with a given weight', () => {
    const given = blockMetric(Float64Array.of(4, 1, 1, 9), Float64Array.of(1, 2, 3));
    const estimate = emptyEstimate(5, 2, 'draws');
    for (const state of states) addToEstimate(estimate, state);
    const metric = metricOf(estimate, { target: given, numDraws: 1e12 })!;
    metric.dense.forEach((value, i) => {
      expect(value).toBeCloseTo(given.dense[i], 8);
    });
    metric.diagonal.forEach((value, i) => {
      expect(value).toBeCloseTo(given.diagonal[i], 8);
    });
  });

  it('learns no correlations from fewer than twice as many draws as the block has rows', () => {
    const seen = (count: number) => {
      const estimate = emptyEstimate(5, 4, 'draws');
      for (const state of states.slice(0, count)) addToEstimate(estimate, state);
      return estimate;
    };
    const offDiagonal = (dense: Float64Array) => dense.filter((_, at) => at % 5 !== 0);
    const few = metricOf(seen(7), { target: null, numDraws: 5 })!;
    expect(offDiagonal(few.dense).every((value) => value === 0)).toBe(true);
    expect(few.dense[0]).toBeGreaterThan(0.1);
    expect(
      offDiagonal(metricOf(seen(8), { target: null, numDraws: 5 })!.dense).every((value) => value !== 0),
    ).toBe(true);
    const given = blockMetric(
      Float64Array.from({ length: 16 }, (_, at) => (at % 5 === 0 ? 2 : 0.3)),
      Float64Array.of(1),
    );
    expect(metricOf(seen(7), { target: given, numDraws: 5 })!.dense).toEqual(given.dense);
  });

  it('from draws and gradients is exact for independent Gaussians after three draws', () => {
    const deviations = [0.1, 1, 7];
    const { logDensityAndGradient } = independentGaussian(deviations);
    const estimate = emptyEstimate(3, 0, 'draws-and-gradients');
    for (let i = 0; i < 3; i++)
      addToEstimate(estimate, initState(logDensityAndGradient, normalFloat64(foldIn(keyOf(4), i), 3)));
    const metric = metricOf(estimate, { target: null, numDraws: 5 })!;
    metric.diagonal.forEach((value, i) => {
      expect(value / deviations[i] ** 2).toBeCloseTo(1, 10);
    });
  });
});

async function finish(target: TestTarget, options: RunChainOptions) {
  const chain = runChain(target, options);
  for (;;) {
    const next = await chain.next();
    if (next.done) return next.value;
  }
}

describe('warm-up as a whole', () => {
  it('begins each window afresh, learns nothing outside them, and gives up the estimate after the last', () => {
    const { logDensityAndGradient } = independentGaussian([1, 2]);
    const chain = createChain(logDensityAndGradient, 2, { key: keyOf(1), numWarmup: 300, numSamples: 10 });
    const state = chain.init(Float64Array.of(1, 1));
    const countAt = new Map([
      [74, 0],
      [75, 0],
      [76, 1],
      [99, 24],
      [100, 0],
      [101, 1],
      [149, 49],
      [150, 0],
      [249, 99],
    ]);
    while (state.draw < 249) {
      chain.advance(state);
      const expected = countAt.get(state.draw);
      if (expected !== undefined) expect(state.adaptation.estimate?.draws.count).toBe(expected);
    }
    chain.advance(state);
    expect(state.adaptation.estimate).toBe(null);
  });

  it('reaches the target acceptance and learns scales over four decades', async () => {
    const deviations = [0.01, 0.1, 1, 10, 100];
    const result = await finish(independentGaussian(deviations), {
      key: keyOf(5),
      numWarmup: 1000,
      numSamples: 500,
    });
    const acceptance = result.statistics.acceptanceRate.reduce((sum, a) => sum + a, 0) / 500;
    // Stan's own finding: the average step gives somewhat more than the target 0.8.
    expect(Math.abs(acceptance - 0.83)).toBeLessThan(0.1);
    deviations.forEach((deviation, i) => {
      // The last window has 500 draws: 6 % in the variance if independent, with room for correlation.
      expect(Math.abs(Math.log(result.metric.diagonal[i] / deviation ** 2))).toBeLessThan(0.5);
    });
    expect(result.divergences.numSampling).toBe(0);
  });

  it('with a dense block beats the diagonal on correlated parameters before many latents', async () => {
    // Two parameters with correlation 0.999 and 200 independent latents.
    const rho = 0.999;
    const target: TestTarget = {
      dimension: 202,
      logDensityAndGradient: (x, gradient) => {
        const inverse = 1 / (1 - rho * rho);
        gradient[0] = -inverse * (x[0] - rho * x[1]);
        gradient[1] = -inverse * (x[1] - rho * x[0]);
        let logDensity = (x[0] * gradient[0] + x[1] * gradient[1]) / 2;
        for (let i = 2; i < x.length; i++) {
          gradient[i] = -x[i];
          logDensity -= (x[i] * x[i]) / 2;
        }
        return logDensity;
      },
    };
    const cost = async (denseFor: number) => {
      const result = await finish(target, {
        key: keyOf(6),
        numWarmup: 600,
        numSamples: 200,
        adaptation: { denseFor },
      });
      return result.gradients.sampling;
    };
    const [diagonal, block] = [await cost(0), await cost(2)];
    // The condition number falls from 2000 to about 1: trajectories get many times shorter.
    expect(block).toBeLessThan(diagonal / 3);
  });

  it('keeps a given metric when told so, and starts from it', async () => {
    const metric = diagonalMetric(Float64Array.of(1, 4));
    const result = await finish(independentGaussian([1, 2]), {
      key: keyOf(7),
      numWarmup: 200,
      numSamples: 10,
      adaptation: { initialMetric: metric, adaptMetric: false },
    });
    expect(result.metric).toEqual(metric);
  });

  it('refuses options that do not fit', async () => {
    const run = (adaptation: RunChainOptions['adaptation']) =>
      finish(independentGaussian([1, 2]), {
        key: keyOf(7),
        numWarmup: 50,
        numSamples: 10,
        ...(adaptation && { adaptation }),
      });
    await expect(run({ denseFor: 3 })).rejects.toThrow('denseFor must be at most the dimension 2; got 3');
    await expect(run({ initialMetric: unitMetric(3) })).rejects.toThrow(
      'initialMetric must have dimension 2',
    );
    await expect(run({ shrinkageDraws: -1 })).rejects.toThrow('shrinkageDraws must be at least 0');
    await expect(run({ initialStepSize: 0 })).rejects.toThrow('stepSize must be positive');
  });
});
