import type { Kernels } from '@lensfield/kernels';
import { initTensors, tf } from '@lensfield/tensors';
import { beforeAll, describe, expect, test } from 'vitest';
// @ts-expect-error plain JavaScript
import { compare } from '../src/endurance/compare.mjs';
// @ts-expect-error plain JavaScript
import { endure } from '../src/endurance/endure.mjs';
// @ts-expect-error plain JavaScript
import { NETWORKS } from '../src/endurance/networks.mjs';

let kernels: Kernels;
beforeAll(async () => {
  kernels = (await initTensors({ threads: 1 }))!;
});

const nothing = { numTensors: 0, numDataBuffers: 0, pooledBytes: 0 };
/** Less than an array of the engine kept in every one of 100 steps, 64 bytes each; the test runner's own come and go. */
const FEW_BYTES = 2048;

/** Flows and the mean squared error of compressors have such a test in their packages. */
const networks: readonly { readonly name: string }[] = NETWORKS;
const compared = networks.filter(({ name }) => /vmim|features|convolutions|resnet|unet/.test(name));

test.each(networks)('$name: nothing falls back, nothing grows', async (network) => {
  const { steps, fallbacks, growth } = await endure(network, kernels, 4);
  expect(steps).toBeGreaterThanOrEqual(200);
  expect(fallbacks).toBe(0);
  expect(growth).toMatchObject(nothing);
  expect(growth.arrayBytes).toBeLessThan(FEW_BYTES);
});

test.each(compared)('$name: 50 compiled steps have the losses of steps op by op', async (network) => {
  const { comparedSteps, difference } = await compare(network, kernels, 1);
  expect(comparedSteps).toBe(50);
  // The bar for any network; these differ in no bit.
  expect(difference).toBeLessThanOrEqual(1e-4);
});

describe('what goes wrong is seen:', () => {
  const rounds = (visit: (round: number) => number) =>
    async function* ({ numRounds }: { numRounds: number }) {
      for (let round = 1; round <= numRounds; round++) yield { step: 50 * round, loss: visit(round) };
    };

  test('a tensor that is kept in every round, and a call that falls back', async () => {
    // Of which no other network has left one in the pool.
    const LENGTH = 12_347;
    const kept: tf.Tensor[] = [];
    const train = rounds(() => {
      kept.push(tf.zeros([LENGTH]));
      tf.sin(kept[0]!).dispose();
      return 0;
    });
    const { fallbacks, growth } = await endure({ train }, kernels, 5);
    tf.dispose(kept);
    // From the second round to the fifth.
    expect(growth).toMatchObject({ numTensors: 3, numDataBuffers: 3, pooledBytes: 12 * LENGTH });
    expect(growth.arrayBytes).toBeGreaterThanOrEqual(12 * LENGTH);
    expect(fallbacks).toBe(5);
  });

  test('arrays that are kept, and garbage that takes time', async () => {
    const kept: Float32Array[] = [];
    const train = rounds(() => {
      kept.push(new Float32Array(1024));
      for (let i = 0; i < 2e4; i++) Array.from({ length: 64 }, (_, j) => ({ j }));
      return 0;
    });
    const { growth, garbageShare } = await endure({ train }, kernels, 12);
    expect(growth).toMatchObject(nothing);
    expect(Math.abs(growth.arrayBytes - 10 * 4096)).toBeLessThan(FEW_BYTES);
    expect(garbageShare).toBeGreaterThan(0);
    expect(garbageShare).toBeLessThan(1);
  });

  test('losses that differ', async () => {
    const train = ({ compile, ...settings }: { compile: boolean; numRounds: number }) =>
      rounds((round) => (compile && round === 2 ? 2.002 : 2))(settings);
    const { difference } = await compare({ train }, kernels, 3);
    expect(difference).toBeCloseTo(1e-3, 12);
  });
});
