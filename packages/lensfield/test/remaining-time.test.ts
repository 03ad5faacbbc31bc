import type { ChainProgress } from '@lensfield/hmc';
import { describe, expect, test } from 'vitest';
import { remainingSeconds } from '../src/recipes/remaining-time.ts';

const plan = { numChains: 2, numWarmup: 100, numSamples: 900 };
const at = (draw: number, drawsPerSecond: number) => ({ draw, total: 1000, drawsPerSecond }) as ChainProgress;
const convergence = (ess: number, numDraws: number) => ({ leastEss: () => ess, numDraws: () => numDraws });
const none = convergence(0, 0);

describe('remaining time', () => {
  test('to the last draw, at the pace of the chains that still run', () => {
    expect(remainingSeconds(plan, [at(400, 10), at(600, 10)], none, 50)).toBeCloseTo(1000 / 20);
    // The second chain waits for a core.
    expect(remainingSeconds(plan, [at(400, 10)], none, 40)).toBeCloseTo(1600 / 10);
    expect(remainingSeconds(plan, [at(1000, 10), at(600, 5)], none, 99)).toBeCloseTo(400 / 5);
    expect(remainingSeconds(plan, [at(1000, 10), at(1000, 10)], none, 100)).toBeUndefined();
  });

  test('to an effective size that grows with the draws after warm-up', () => {
    const endless = { ...plan, numSamples: 1e6, untilEss: 400 };
    const states = [at(300, 8), at(300, 12)];
    // 100 effective draws from 200 of each chain: 800 are needed of each, 600 more, at 10 a second.
    expect(remainingSeconds(endless, states, convergence(100, 200), 30)).toBeCloseTo(60);
    // Draws since the last look count.
    expect(remainingSeconds(endless, [at(350, 8), at(350, 12)], convergence(100, 200), 35)).toBeCloseTo(55);
    expect(remainingSeconds(endless, states, convergence(500, 200), 30)).toBe(0);
  });

  test('to the first of several ends', () => {
    const states = [at(300, 10), at(300, 10)];
    const both = { ...plan, minutes: 1, untilEss: 400 };
    expect(remainingSeconds(both, states, convergence(100, 200), 30)).toBeCloseTo(30);
    expect(remainingSeconds(both, states, convergence(390, 200), 30)).toBeCloseTo(0.513, 2);
    expect(remainingSeconds({ ...plan, minutes: 1 }, [], none, 10)).toBeCloseTo(50);
  });
});
