import { keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import {
  type ChainProgress,
  encodeCheckpoint,
  pooledMoments,
  type RunChainOptions,
  type RunChainResult,
  runChain,
  type Target,
  varianceOf,
} from '../src/index.ts';
import { eightSchools, independentGaussian } from './support/targets.ts';

const target: Target = { ...independentGaussian([1, 2, 3]), initialPosition: () => Float64Array.of(1, 1, 1) };
const base: RunChainOptions = { key: keyOf(1), numWarmup: 60, numSamples: 100 };

async function run(
  of: Target,
  options: RunChainOptions,
  onProgress: (progress: ChainProgress) => void = () => {},
) {
  const chain = runChain(of, options);
  for (;;) {
    const next = await chain.next();
    if (next.done) return next.value;
    onProgress(next.value);
  }
}

const bytesOf = ({ state }: RunChainResult) => Buffer.from(encodeCheckpoint(state));

describe('runChain', () => {
  it('yields every draw, counts gradients and says what comes', async () => {
    let calls = 0;
    const counted: Target = {
      ...target,
      logDensityAndGradient: (position, gradient) => {
        calls++;
        return target.logDensityAndGradient(position, gradient);
      },
    };
    const seen: ChainProgress[] = [];
    const result = await run(counted, base, (progress) => seen.push(progress));
    expect(seen.map(({ draw }) => draw)).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
    expect(seen.map(({ phase }) => phase).indexOf('sampling')).toBe(60);
    expect(seen.at(-1)).toMatchObject({ total: 160, remainingSeconds: 0, numGradients: calls });
    expect(result.gradients.warmup + result.gradients.sampling).toBe(calls);
    // Velocity Verlet: one gradient a step.
    expect(result.gradients.sampling).toBe(
      result.statistics.numIntegrationSteps.reduce((sum, count) => sum + count, 0),
    );
    expect(result).toMatchObject({ stopReason: 'complete', isWarmupComplete: true });
  });

  it('keeps chosen sites in full, moments of all, and snapshots', async () => {
    const all = await run(target, base);
    const some = await run(target, { ...base, recorded: [2, 0], snapshotEvery: 10 });
    expect(some.samples.shape).toEqual([100, 2]);
    for (let draw = 0; draw < 100; draw++) {
      expect(some.samples.data[2 * draw]).toBe(all.samples.data[3 * draw + 2]);
      expect(some.samples.data[2 * draw + 1]).toBe(all.samples.data[3 * draw]);
    }
    const column = Array.from({ length: 100 }, (_, draw) => all.samples.data[3 * draw + 1]);
    const mean = column.reduce((sum, x) => sum + x, 0) / 100;
    const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 99;
    expect(some.moments.mean[1]).toBeCloseTo(mean, 12);
    expect(varianceOf(some.moments)[1]).toBeCloseTo(variance, 12);
    expect(some.snapshots.length).toBe(10);
    expect(some.snapshots[9]).toEqual(Float32Array.from(all.samples.data.subarray(297)));
  });

  it('pools moments of chains as if they were one', async () => {
    const chains = await Promise.all([1, 2, 3].map((seed) => run(target, { ...base, key: keyOf(seed) })));
    const pooled = pooledMoments(chains.map(({ moments }) => moments));
    const values = chains.flatMap(({ samples }) => [...samples.data].filter((_, i) => i % 3 === 0));
    const mean = values.reduce((sum, x) => sum + x, 0) / 300;
    expect(pooled.count).toBe(300);
    expect(pooled.mean[0]).toBeCloseTo(mean, 12);
    expect(varianceOf(pooled)[0]).toBeCloseTo(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 299, 12);
  });

  it('stops at a signal and goes on to the same bytes, and may be made longer', async () => {
    const whole = await run(target, base);
    for (const at of [1, 30, 60, 61, 159]) {
      const controller = new AbortController();
      const stopped = await run(
        target,
        { ...base, signal: controller.signal },
        ({ draw }) => draw === at && controller.abort(),
      );
      expect(stopped).toMatchObject({ stopReason: 'aborted', isWarmupComplete: at >= 60 });
      expect(stopped.samples.shape[0]).toBe(Math.max(0, at - 60));
      const resumed = await run(target, { ...base, resume: encodeCheckpoint(stopped.state) });
      expect(bytesOf(resumed).equals(bytesOf(whole))).toBe(true);
    }
    const longer = await run(target, { ...base, numSamples: 130, resume: encodeCheckpoint(whole.state) });
    expect(bytesOf(longer).equals(bytesOf(await run(target, { ...base, numSamples: 130 })))).toBe(true);
  });

  it('writes checkpoints on the way from which it can go on', async () => {
    const checkpoints: Uint8Array[] = [];
    const whole = await run(target, {
      ...base,
      checkpointMinutes: 1e-9,
      onCheckpoint: (bytes) => {
        checkpoints.push(bytes);
      },
    });
    expect(checkpoints.length).toBeGreaterThan(100);
    const resumed = await run(target, { ...base, resume: checkpoints[70] });
    expect(bytesOf(resumed).equals(bytesOf(whole))).toBe(true);
  });

  it('ends after its minutes with what it has', async () => {
    const start = performance.now();
    const result = await run(target, { ...base, numSamples: 1e9, minutes: 0.3 / 60 });
    expect(result.stopReason).toBe('time');
    expect(result.samples.shape[0]).toBeGreaterThan(0);
    // 0.3 s asked for; a busy machine may schedule us late.
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('gives the event loop its turns: a timer can stop an endless chain', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const result = await run(target, { ...base, numSamples: 1e9, signal: controller.signal });
    expect(result.stopReason).toBe('aborted');
  });

  it('reports divergences as data, with where they set out', async () => {
    // A cliff: flat inside |x| < 1, steep outside; one dimension, a large step.
    const cliff: Target = {
      dimension: 1,
      logDensityAndGradient: ([x], gradient) => {
        const beyond = Math.max(0, Math.abs(x) - 1);
        gradient[0] = -x - 1e5 * beyond * Math.sign(x);
        return (-x * x) / 2 - (1e5 * beyond * beyond) / 2;
      },
      initialPosition: () => Float64Array.of(0.1),
    };
    const result = await run(cliff, {
      key: keyOf(4),
      numWarmup: 0,
      numSamples: 300,
      adaptation: { initialStepSize: 0.5 },
    });
    const flagged = [...result.statistics.isDivergent.keys()].filter(
      (draw) => result.statistics.isDivergent[draw] === 1,
    );
    expect(flagged.length).toBeGreaterThan(50);
    expect([...result.divergences.draws]).toEqual(flagged);
    expect(result.divergences).toMatchObject({ numWarmup: 0, numSampling: flagged.length });
    flagged.forEach((draw, i) => {
      expect(result.divergences.starts.data[i]).toBe(draw === 0 ? 0.1 : result.samples.data[draw - 1]);
    });
    expect([...result.samples.data].every((x) => Math.abs(x) < 1.1)).toBe(true);
  });

  it('treats NaN on the way as a divergence and NaN at the start as an error', async () => {
    const holed: Target = {
      dimension: 1,
      logDensityAndGradient: ([x], gradient) => {
        gradient[0] = x > 1 ? Number.NaN : -x;
        return x > 1 ? Number.NaN : (-x * x) / 2;
      },
      initialPosition: () => Float64Array.of(0),
    };
    const result = await run(holed, { ...base, numSamples: 500 });
    expect(result.divergences.numSampling).toBeGreaterThan(10);
    expect(result.samples.data.every((x) => x <= 1)).toBe(true);
    await expect(run(holed, { ...base, initialPosition: Float64Array.of(2) })).rejects.toThrow(
      'log density and gradient must be finite at the initial position; got log density NaN',
    );
  });

  it('looks for a start by itself when the target has none', async () => {
    const { initialPosition: _, ...bare } = target;
    expect((await run(bare, base)).stopReason).toBe('complete');
    const nowhere: Target = { dimension: 2, logDensityAndGradient: () => Number.NEGATIVE_INFINITY };
    await expect(run(nowhere, base)).rejects.toThrow(
      'must be finite somewhere on (-2, 2)^2; got no such point in 100',
    );
  });

  it('refuses options out of range and checkpoints of other chains', async () => {
    const stored = encodeCheckpoint((await run(target, base)).state);
    await expect(run(target, { ...base, key: keyOf(2), resume: stored })).rejects.toThrow(
      'a chain with the same options',
    );
    await expect(run(target, { ...base, numWarmup: 70, resume: stored })).rejects.toThrow(
      'Only numSamples may change',
    );
    await expect(
      run({ ...target, ...independentGaussian([1, 2, 4]) }, { ...base, resume: stored }),
    ).rejects.toThrow('a chain on the same target');
    await expect(run(target, { ...base, numWarmup: -1 })).rejects.toThrow(
      'numWarmup must be a whole number of at least 0; got -1',
    );
    await expect(run(target, { ...base, recorded: [3] })).rejects.toThrow(
      'recorded must hold indices from 0 to 2; got 3',
    );
    await expect(run(target, { ...base, minutes: 0 })).rejects.toThrow('minutes must be above 0; got 0');
    await expect(run(target, { ...base, sampler: { kind: 'gibbs' } as never })).rejects.toThrow(
      "'nuts', 'hmc' or 'mclmc'; got \"gibbs\"",
    );
    await expect(run(target, { ...base, initialPosition: new Float64Array(2) })).rejects.toThrow(
      'must have length 3; got 2',
    );
    const wide = { ...independentGaussian(new Array(1001).fill(1)) };
    await expect(run(wide, base)).rejects.toThrow('recorded must name the coordinates to keep in full');
    await expect(run({ ...eightSchools, dimension: 0 }, base)).rejects.toThrow(
      'positive whole dimension; got function and 0',
    );
  });
});
