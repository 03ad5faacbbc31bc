import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn, keyOf, normal } from '@lensfield/kernels';
import { initTensors } from '@lensfield/tensors';
import { expect, test } from 'vitest';
import { type SequentialOptions, type SequentialRound, sequential } from '../src/index.ts';
import { linearPrior, simulate, summariesOf } from './_linear-gaussian.ts';
import { expectExactPosterior } from './_moments.ts';

await initTensors();

const observation = simulate(keyOf(99), 1).summaries.data;
const small = { numLayers: 2, hiddenUnits: [16] };

const options = (extra: Partial<SequentialOptions> = {}): SequentialOptions => ({
  key: keyOf(1),
  prior: linearPrior,
  observation,
  method: 'nle',
  simulations: [500, 500, 500],
  simulate: (theta, key) => summariesOf(theta, key),
  nle: { flow: small, training: { maxEpochs: 15, batchSize: 50 } },
  nre: { network: { hiddenUnits: [16] }, training: { maxEpochs: 15, batchSize: 50 } },
  tsnpe: { flow: small, training: { maxEpochs: 15, batchSize: 50 } },
  ...extra,
});

async function roundsOf(settings: SequentialOptions): Promise<SequentialRound[]> {
  const rounds: SequentialRound[] = [];
  for await (const round of sequential(settings)) rounds.push(round);
  return rounds;
}

test.each(['nle', 'nre', 'tsnpe'] as const)('%s: three rounds end at the exact posterior', async (method) => {
  const rounds = await roundsOf(options({ method }));
  expect(rounds.map(({ round, numRounds }) => [round, numRounds])).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  const last = rounds[2]!;
  const samples = last.posterior.sample(keyOf(2), 4000);
  // 1350 simulations carry 0.03 of a width for each of some six coefficients; the networks add as much; truncation cuts 3 %.
  expectExactPosterior(samples, observation, { shift: 0.3, width: 0.2 });
  expect(last.ledger.numGiven).toBe(1500);
  expect(rounds[0]!.priorMass).toBe(1);
  if (method === 'tsnpe') expect(last.priorMass).toBeLessThan(0.7);
  else expect(last.ledger.numUsed).toBe(1500);
});

test('later rounds simulate where the posterior is', async () => {
  const seen: NdArray<Float64Array>[] = [];
  const counted = (theta: NdArray<Float64Array>, key: Key) => {
    seen.push(theta);
    return summariesOf(theta, key);
  };
  const rounds = await roundsOf(options({ simulations: [400, 200], simulate: counted }));
  expect(seen.map(({ shape }) => shape)).toEqual([
    [400, 2],
    [200, 2],
  ]);
  // The second round's parameters are posterior draws: as close to the exact posterior as one round of 400 makes it.
  const data = Float32Array.from(seen[1]!.data);
  expectExactPosterior({ shape: [200, 2], data }, observation, { shift: 0.6, width: 0.4 });
  expect(rounds).toHaveLength(2);
});

test('goes on from the state after any round to the same bytes, and asks for no simulation again', async () => {
  const settings = options({ simulations: [200, 100, 100] });
  const whole = await roundsOf(settings);
  let calls = 0;
  const counted = async (theta: NdArray<Float64Array>, key: Key) => {
    calls++;
    return summariesOf(theta, key);
  };
  const resume = structuredClone(whole[1]!.state);
  const rest = await roundsOf({ ...settings, simulate: counted, resume });
  expect(calls).toBe(1);
  expect(rest.map(({ round }) => round)).toEqual([3]);
  expect(rest[0]!.state).toEqual(whole[2]!.state);
});

test('simulations that fail are left out and counted', async () => {
  const failing = (theta: NdArray<Float64Array>, key: Key) => {
    const summaries = summariesOf(theta, key);
    const bad = normal(foldIn(key, 9), theta.shape[0]!);
    return {
      ...summaries,
      data: summaries.data.map((x, i) => (bad[Math.floor(i / 3)]! > 1.5 ? Number.NaN : x)),
    };
  };
  const [first, second] = await roundsOf(options({ simulations: [200, 100], simulate: failing }));
  expect(first!.ledger.numNotFinite).toBeGreaterThan(0);
  expect(second!.ledger.numNotFinite).toBeGreaterThanOrEqual(first!.ledger.numNotFinite);
  expect(second!.ledger.numUsed + second!.ledger.numNotFinite).toBe(300);
});

test('a signal ends the rounds', async () => {
  const controller = new AbortController();
  const rounds: SequentialRound[] = [];
  for await (const round of sequential(options({ simulations: [200, 100], signal: controller.signal }))) {
    rounds.push(round);
    controller.abort();
  }
  expect(rounds).toHaveLength(1);
});

test('rounds without simulations are refused', async () => {
  await expect(roundsOf(options({ simulations: [100, 0] }))).rejects.toThrow('for each round; got [100, 0]');
});
