import { foldIn, keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../src/_crc32.ts';
import { fromBytes, toBytes } from '../src/_plain-data-bytes.ts';
import { type ChainOptions, createChain, decodeCheckpoint, encodeCheckpoint } from '../src/index.ts';
import { eightSchools } from './support/targets.ts';

const options: ChainOptions = {
  key: keyOf(12),
  numWarmup: 160,
  numSamples: 60,
  recorded: [0, 1, 5],
  snapshotEvery: 7,
  // A low target, so that there are divergences to carry.
  adaptation: { targetAcceptanceRate: 0.5, denseFor: 2, diagonalEstimate: 'draws-and-gradients' },
};

function runFrom(bytes: Uint8Array | undefined, to: number, settings: ChainOptions): Uint8Array {
  const chain = createChain(eightSchools.logDensityAndGradient, 10, settings);
  const state = bytes === undefined ? chain.init(new Float64Array(10).fill(0.3)) : decodeCheckpoint(bytes);
  while (state.draw < to) chain.advance(state);
  return encodeCheckpoint(state);
}

describe('resume', () => {
  const samplers: [string, ChainOptions][] = [
    ['NUTS', options],
    ['adjusted MCLMC', { ...options, sampler: { kind: 'mclmc', decoherence: 2 } }],
    ['HMC', { ...options, sampler: { kind: 'hmc', numIntegrationSteps: 10, jitter: 0.4 } }],
    ['HMC that learns its length', { ...options, sampler: { kind: 'hmc', numIntegrationSteps: 'adapted' } }],
    ['NUTS, directions learned', { ...options, adaptation: { ...options.adaptation, lowRank: 2 } }],
  ];

  it.each(samplers)('%s: interrupted anywhere, gives the bytes of the uninterrupted run', (_, settings) => {
    const whole = runFrom(undefined, 220, settings);
    // At the start, in the first stretch, at and around the ends of windows, in the last stretch, at its end, in sampling.
    for (const cut of [0, 1, 40, 75, 76, 99, 100, 101, 109, 110, 111, 150, 159, 160, 161, 200, 219]) {
      const resumed = runFrom(runFrom(undefined, cut, settings), 220, settings);
      expect(Buffer.compare(resumed, whole)).toBe(0);
    }
    const state = decodeCheckpoint(whole);
    expect(state.record.samples.count).toBe(60);
    expect(state.record.snapshots.length).toBe(8);
  });

  it('interrupted after every single draw gives them too', () => {
    let bytes: Uint8Array | undefined;
    for (let draw = 1; draw <= 220; draw++) bytes = runFrom(bytes, draw, options);
    expect(Buffer.compare(bytes!, runFrom(undefined, 220, options))).toBe(0);
  });

  it('a draw cut short in the middle leaves no trace', () => {
    let budget = Number.POSITIVE_INFINITY;
    const chain = createChain(eightSchools.logDensityAndGradient, 10, options, () => --budget < 0);
    const state = chain.init(new Float64Array(10).fill(0.3));
    for (let attempt = 0; state.draw < 220; attempt++) {
      budget = foldIn(keyOf(1), attempt)[0] % 20;
      if (!chain.advance(state)) {
        budget = Number.POSITIVE_INFINITY;
        chain.advance(state);
      }
    }
    expect(Buffer.compare(encodeCheckpoint(state), runFrom(undefined, 220, options))).toBe(0);
  });
});

describe('bytes of a checkpoint', () => {
  const bytes = runFrom(undefined, 170, options);

  it('are refused when cut short, damaged, of another version or something else', () => {
    expect(() => decodeCheckpoint(bytes.subarray(0, bytes.length - 1))).toThrow(
      `checkpoint must be whole, ${bytes.length} bytes; got ${bytes.length - 1} bytes. Use another checkpoint`,
    );
    for (const length of [0, 3, 23])
      expect(() => decodeCheckpoint(bytes.subarray(0, length))).toThrow('must be a checkpoint of a chain');
    const damaged = bytes.slice();
    damaged[damaged.length >> 1] ^= 4;
    expect(() => decodeCheckpoint(damaged)).toThrow('checkpoint must be undamaged');
    const newer = bytes.slice();
    newer[4] = 9;
    expect(() => decodeCheckpoint(newer)).toThrow('have version 1; got version 9');
    expect(() =>
      decodeCheckpoint(new TextEncoder().encode('{"draw": 3, "and": "more of this text"}')),
    ).toThrow('LFCK');
  });

  it('are read from any place inside a larger buffer', () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(Buffer.compare(encodeCheckpoint(decodeCheckpoint(shifted.subarray(3))), bytes)).toBe(0);
  });

  it('carry the check value of CRC-32', () => {
    // The catalogue of parametrised CRC algorithms: check value of CRC-32/ISO-HDLC for "123456789".
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

describe('plain data as bytes', () => {
  it('comes back with every kind of value it may hold', () => {
    const data = {
      numbers: [
        0,
        -0,
        0.1,
        5e-324,
        Number.MAX_VALUE,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ],
      nested: { flag: true, nothing: null, text: 'a "quoted" ü' },
      arrays: [
        Float64Array.of(Math.PI, -0, Number.NaN),
        Float32Array.of(1.5),
        Int32Array.of(-3, 4),
        new Float64Array(0),
      ],
    };
    expect(fromBytes(toBytes(data))).toEqual(data);
  });
});
