import { initTensors, tf } from '@lensfield/tensors';
import { beforeAll, expect, test } from 'vitest';
// @ts-expect-error plain JavaScript
import { batchNorm, groupNorm, upsampleTwice } from '../src/rows/networks/layers.mjs';

const [N, ROWS, COLUMNS, CHANNELS, GROUPS] = [2, 3, 5, 4, 2];
const SHAPE: [number, number, number, number] = [N, ROWS, COLUMNS, CHANNELS];
const values = Float32Array.from(
  { length: N * ROWS * COLUMNS * CHANNELS },
  (_, i) => Math.sin(1.7 * i * i) + (i % 4),
);
const scale = [1, 2, 0.5, -1];
const offset = [0, 0.25, -3, 1];

beforeAll(() => initTensors());

/** Entry by entry in float64; `share` names what an entry is normalised with. */
function normalisedBy(share: (sample: number, channel: number) => string): number[] {
  const members = new Map<string, number[]>();
  const keyOf = (i: number) => share(Math.floor(i / (ROWS * COLUMNS * CHANNELS)), i % CHANNELS);
  values.forEach((x, i) => {
    members.set(keyOf(i), [...(members.get(keyOf(i)) ?? []), x]);
  });
  return Array.from(values, (x, i) => {
    const all = members.get(keyOf(i))!;
    const mean = all.reduce((a, b) => a + b) / all.length;
    const variance = all.reduce((sum, y) => sum + (y - mean) ** 2, 0) / all.length;
    const c = i % CHANNELS;
    return ((x - mean) / Math.sqrt(variance + 1e-5)) * scale[c]! + offset[c]!;
  });
}

function largestError(result: tf.Tensor, expected: number[]): number {
  const got = result.dataSync();
  return Math.max(...expected.map((value, i) => Math.abs(value - got[i]!)));
}

test('norms agree with sums over their members', () => {
  const weights = { 'a/scale': tf.tensor1d(scale), 'a/offset': tf.tensor1d(offset) };
  const x = tf.tensor4d(values, SHAPE);
  const perGroup = (sample: number, channel: number) =>
    `${sample}/${Math.floor((channel * GROUPS) / CHANNELS)}`;
  // Float32 of values below 4, scaled by up to 2, after two means: some units in the last place of 4.
  expect(
    largestError(
      batchNorm(weights, 'a', x),
      normalisedBy((_, channel) => `${channel}`),
    ),
  ).toBeLessThan(4e-6);
  expect(largestError(groupNorm(weights, 'a', x, GROUPS), normalisedBy(perGroup))).toBeLessThan(4e-6);
});

test('each pixel is copied to the four in its place', () => {
  const result: tf.Tensor4D = upsampleTwice(tf.tensor4d(values, SHAPE));
  expect(result.shape).toEqual([N, 2 * ROWS, 2 * COLUMNS, CHANNELS]);
  const got = result.arraySync();
  const from = tf.tensor4d(values, SHAPE).arraySync();
  for (let n = 0; n < N; n++)
    for (let i = 0; i < 2 * ROWS; i++)
      for (let j = 0; j < 2 * COLUMNS; j++)
        expect(got[n]![i]![j]).toEqual(from[n]![Math.floor(i / 2)]![Math.floor(j / 2)]);
});
