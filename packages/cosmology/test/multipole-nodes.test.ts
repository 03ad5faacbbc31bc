import { describe, expect, it } from 'vitest';
import { multipoleNodes } from '../src/multipole-nodes.ts';

const range = [0.03, 8e4] as const;

describe('multipoleNodes', () => {
  it('are the multipoles themselves where these are few', () => {
    const { waves, first, last } = multipoleNodes(Float64Array.of(300, 20, 3000));
    expect(Array.from(waves)).toEqual([20.5, 300.5, 3000.5]);
    expect([first, last]).toEqual([0, 3]);
  });

  it.each([
    [[100]],
    [[100, 100.001]],
    [[20, 9000, 300, 301]],
    [[1.01, 2]],
    [Array.from({ length: 300 }, (_, i) => 36 + 18 * i)],
    [Array.from({ length: 24 }, (_, i) => 36 * 1.25 ** i)],
  ])('ascend, cover the range and resolve it, for %j', (ell) => {
    const { waves, first, last } = multipoleNodes(Float64Array.from(ell), { range });
    expect(waves[0]).toBeLessThanOrEqual(range[0]);
    expect(waves[waves.length - 1]).toBeGreaterThanOrEqual(range[1]);
    expect(waves[first]).toBeLessThanOrEqual(Math.min(...ell) + 0.5 + 1e-9);
    expect(waves[last - 1]).toBeGreaterThanOrEqual(Math.max(...ell) + 0.5 - 1e-9);
    for (let e = 1; e < waves.length; e++) {
      const gap = Math.log(waves[e] / waves[e - 1]);
      expect(gap).toBeGreaterThan(0.01);
      expect(gap).toBeLessThan(e > first && e < last ? 0.31 : 0.81);
    }
    expect(waves.length).toBeLessThan(75);
  });
});
