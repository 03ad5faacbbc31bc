import { keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { createChain, decodeCheckpoint, encodeCheckpoint, snapshotDistance } from '../src/index.ts';
import { independentGaussian } from './support/targets.ts';

const numWarmup = 150;
const target = independentGaussian([1, 2, 3]);

/** A chain of `numDraws`, written and read back after every draw if `interrupted`; one coordinate of each draw beside its snapshots. */
function chainOf(numDraws: number, settings: object, interrupted = false) {
  const options = { key: keyOf(3), numWarmup, numSamples: numDraws, recorded: [1], ...settings };
  const chain = createChain(target.logDensityAndGradient, 3, options);
  let state = chain.init(new Float64Array(3));
  while (state.draw < numWarmup + numDraws) {
    chain.advance(state);
    if (interrupted) state = decodeCheckpoint(encodeCheckpoint(state));
  }
  const { samples, snapshots } = state.record;
  const rounded = Float32Array.from(samples.data.subarray(0, numDraws));
  return { rounded, kept: snapshots.map((snapshot) => snapshot[1]), bytes: encodeCheckpoint(state) };
}

describe('snapshots', () => {
  it.each([1, 2, 7, 8, 9, 16, 17, 100, 131])(
    'of %d draws at most 8, evenly over all, at least half of them',
    (n) => {
      const { rounded, kept } = chainOf(n, { maxSnapshots: 8 });
      const distance = snapshotDistance(n, { maxSnapshots: 8 });
      expect(kept).toEqual(Array.from(rounded).filter((_, i) => (i + 1) % distance === 0));
      expect(new Set(rounded).size, 'a chain that moves').toBeGreaterThan(n / 2);
      expect(kept.length).toBeLessThanOrEqual(8);
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(n, 4));
    },
  );

  it('are the same however often the chain was interrupted', () => {
    const settings = { snapshotEvery: 3, maxSnapshots: 5 };
    expect(Buffer.compare(chainOf(90, settings, true).bytes, chainOf(90, settings).bytes)).toBe(0);
    expect(chainOf(90, settings).kept.length).toBe(3);
  });

  it('are none unless asked for, and all without a limit', () => {
    expect(chainOf(30, {}).kept).toEqual([]);
    expect(chainOf(30, { snapshotEvery: 3 }).kept).toHaveLength(10);
    expect(() => chainOf(1, { maxSnapshots: 0 })).toThrow(
      'maxSnapshots must be a whole number of at least 1; got 0',
    );
  });
});
