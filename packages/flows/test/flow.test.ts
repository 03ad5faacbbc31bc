import { describe, expect, test } from 'vitest';
import { autoregressiveRanks, couplingMask } from '../src/coordinate-order.ts';
import { createFlow } from '../src/index.ts';

const sizes = { dimension: 5, contextDimension: 2 };

test('a flow is plain data with every default filled in', () => {
  expect(createFlow(sizes)).toEqual({
    ...sizes,
    kind: 'affine',
    numLayers: 4,
    hiddenUnits: [128, 128],
    mixing: 'linear',
    maxLogScale: 3,
  });
  const flow = createFlow({ ...sizes, kind: 'maf', transform: { kind: 'spline', numBins: 5 } });
  expect(flow).toMatchObject({ kind: 'maf', transform: { kind: 'spline', numBins: 5, bound: 5 } });
  expect(JSON.parse(JSON.stringify(flow))).toEqual(flow);
});

test('after four couplings every coordinate depends on every other', () => {
  for (const dimension of [2, 3, 5, 6, 9]) {
    const flow = createFlow({ dimension, contextDimension: 0 });
    let sources = Array.from({ length: dimension }, (_, i) => new Set([i]));
    for (const layer of [0, 1, 2, 3]) {
      const mask = couplingMask(flow, layer);
      const passing = sources.filter((_, i) => mask[i] === 1).flatMap((set) => [...set]);
      sources = sources.map((set, i) => (mask[i] === 1 ? set : new Set([...set, ...passing])));
    }
    expect(sources.map((set) => set.size)).toEqual(new Array(dimension).fill(dimension));
  }
});

test('autoregressive layers rank every coordinate once, and reverse', () => {
  const flow = createFlow({ ...sizes, kind: 'maf' });
  const ranks = [0, 1, 2, 3].map((layer) => autoregressiveRanks(flow, layer));
  expect(ranks).toEqual([
    [0, 1, 2, 3, 4],
    [4, 3, 2, 1, 0],
    [0, 3, 1, 4, 2],
    [4, 1, 3, 0, 2],
  ]);
});

describe('createFlow refuses', () => {
  test.each([
    [{ ...sizes, dimension: 0 }, 'dimension must be a whole number of at least 1; got 0'],
    [{ ...sizes, numLayers: 1.5 }, 'numLayers must be a whole number of at least 1; got 1.5'],
    [{ ...sizes, hiddenUnits: [] }, 'hiddenUnits must name at least one layer'],
    [{ ...sizes, maxLogScale: 0 }, 'maxLogScale must be in (0, 20]; got 0'],
    [{ ...sizes, kind: 'spline', numBins: 1 }, 'numBins must be a whole number of at least 2; got 1'],
    [{ ...sizes, kind: 'spline', numBins: 999 }, 'numBins must be at most 500; got 999'],
    [{ ...sizes, kind: 'smooth', numSigmoids: 0 }, 'numSigmoids must be a whole number of at least 1; got 0'],
    [{ ...sizes, kind: 'maf', hiddenUnits: [3] }, 'hiddenUnits must be a whole number of at least 4; got 3'],
    [{ ...sizes, kind: 'mixture', numComponents: 0 }, 'numComponents must be a whole number of at least 1'],
  ] as const)('%o', (options, message) => {
    expect(() => createFlow(options)).toThrow(message);
  });
});
