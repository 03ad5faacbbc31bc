import { keyOf } from '@lensfield/kernels';
import { initTensors, runTraining } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import { type NreOptions, type NreState, nre } from '../src/index.ts';
import { linearPrior, simulate } from './_linear-gaussian.ts';
import { expectExactPosterior } from './_moments.ts';

await initTensors();

const options = (extra: Partial<NreOptions> = {}): NreOptions => ({
  key: keyOf(1),
  prior: linearPrior,
  ...simulate(keyOf(10), 400),
  numHeldOut: 50,
  network: { hiddenUnits: [8] },
  training: { maxEpochs: 3, batchSize: 60 },
  ...extra,
});

async function finished(nreOptions: NreOptions) {
  const result = await runTraining(nre(nreOptions));
  if (result.stopped !== 'finished') throw new Error('was aborted');
  return result;
}

const observations = simulate(keyOf(99), 4).summaries.data;
const observation = (i: number) => observations.slice(3 * i, 3 * i + 3);

const cases: [string, Partial<NreOptions>, number, number][] = [
  // The linear-Gaussian start is exact here, so that this is to 0.017 a coefficient as of the likelihood, and what the network adds.
  ['nre-c', { loss: 'nre-c', numMembers: 2 }, 0.2, 0.12],
  ['nre-b', { loss: 'nre-b' }, 0.2, 0.12],
  // A network alone must find the quadratic form, from contrasts.
  [
    'nre-c without a linear-Gaussian start',
    { training: { maxEpochs: 60, standardisation: 'diagonal' } },
    0.4,
    0.25,
  ],
];

describe.each(cases)('a linear-Gaussian problem, %s', async (name, extra, shift, width) => {
  const { training, ...rest } = extra;
  const result = await finished(
    options({
      ...simulate(keyOf(11), 4000),
      numHeldOut: 100,
      network: { hiddenUnits: [32, 32] },
      ...rest,
      training: { maxEpochs: 15, batchSize: 100, ...training },
    }),
  );

  test.each([0, 1, 2, 3])('gives the exact mean and width of posterior %s', (i) => {
    const posterior = result.estimator.posteriorFor(observation(i));
    const { samples, report } = posterior.draw(keyOf(20), 3000);
    expectExactPosterior(samples, observation(i), { shift, width });
    expect(report.warnings).toEqual([]);
    expect(report.effectiveSampleSize).toBeGreaterThan(1000);
    const { logEvidence } = posterior.evidence();
    // A normalised ratio has evidence one.
    if (name.startsWith('nre-c')) expect(Math.abs(logEvidence)).toBeLessThan(0.25);
  });

  test('is not rejected on held-out simulations, which are too few for more', () => {
    expect(result.calibration.verdict).not.toBe('rejected');
    expect(result.calibration.numSimulations).toBe(100);
  });
});

test('simulations that cannot be used are left out and counted', async () => {
  const { theta, summaries } = simulate(keyOf(10), 400);
  summaries.data[3 * 7 + 1] = Number.NaN;
  theta.data[2 * 10 + 1] = -1 + 8 * 0.5;
  const { ledger } = await finished(options({ theta, summaries }));
  expect(ledger).toEqual({ numGiven: 400, numUsed: 398, numNotFinite: 1, numOutsidePrior: 1 });
});

test('training of an ensemble resumes to the same bytes, inside any member', async () => {
  const states: NreState[] = [];
  const config = options({ numMembers: 2 });
  const whole = await runTraining(nre(config), (progress) => states.push(structuredClone(progress.state())));
  const resumed = await runTraining(nre({ ...config, resume: states.at(-2)! }));
  if (whole.stopped !== 'finished' || resumed.stopped !== 'finished') throw new Error('was aborted');
  expect(resumed.members).toEqual(whole.members);
  expect(resumed.calibration).toEqual(whole.calibration);
});

test.each([
  ['too many atoms', { numAtoms: 40 }, 'numAtoms must be a whole number of at least 2 and below batch size'],
  ['one atom', { numAtoms: 1 }, 'got 1'],
  [
    'no units',
    { network: { hiddenUnits: [] } },
    'hiddenUnits must name at least one layer of whole width; got []',
  ],
] as [string, Partial<NreOptions>, string][])('%s is refused', async (_, extra, message) => {
  await expect(runTraining(nre(options(extra)))).rejects.toThrow(message);
});
