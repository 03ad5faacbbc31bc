import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors, readNpz, readNpzStrings } from '@lensfield/io';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

/* Each explicit run samples the power spectra of its map too, some seconds each. */
vi.setConfig({ testTimeout: 180_000 });

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lensfield-commands-'));
const path = (name: string) => join(folder, name);

function lensfield(...args: readonly string[]) {
  const result = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: folder });
  expect(result.status, result.stderr).toBe(0);
  return result;
}

const json = <T>(text: string): T => JSON.parse(text);

beforeAll(() => {
  writeFileSync(
    path('survey.yaml'),
    'name: small\nmapSize: 16\nfieldSizeDeg: 4\ngalaxiesPerArcmin2: [20]\nsigmaE: 0.26\n' +
      'redshifts: { family: smail, alpha: 2, beta: 0.68, z0: 0.11, zMax: 10, numBins: 1, photoZError: 0.05 }\n',
  );
  writeFileSync(path('prior.yaml'), 'omega_b: 0.0492\nh_0: 0.6727\nn_s: 0.9645\nw_0: -1\n');
  lensfield(
    'simulate',
    '--survey',
    path('survey.yaml'),
    '--prior',
    path('prior.yaml'),
    '--count',
    '3',
    '--scores',
    '--out',
    path('simulations'),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const onMap = ['--survey', 'survey.yaml', '--prior', 'prior.yaml', '--observation', 'map.npy', '--json'];

describe('simulate', () => {
  test('writes maps, parameters and scores of one size, with the fixed parameters fixed', async () => {
    const { maps, theta, scores } = await readNpz(path('simulations/simulations.npz'), {
      names: ['maps', 'theta', 'scores'],
    });
    expect(maps!.shape).toEqual([3, 16, 16, 1]);
    expect(theta!.shape).toEqual([3, 6]);
    expect(scores!.shape).toEqual([3, 6]);
    expect(await readNpzStrings(path('simulations/simulations.npz'), 'names')).toEqual([
      'omega_c',
      'omega_b',
      'sigma_8',
      'h_0',
      'n_s',
      'w_0',
    ]);
    for (let row = 0; row < 3; row++) expect(theta!.data[6 * row + 5]).toBe(-1);
  });

  test('the same seed gives the same bytes with one core and with two', () => {
    const bytes = ['1', '2'].map((threads) => {
      lensfield(
        'simulate',
        '--survey',
        path('survey.yaml'),
        '--count',
        '5',
        '--threads',
        threads,
        '--out',
        path(`threads-${threads}`),
      );
      return readFileSync(path(`threads-${threads}/simulations.npz`));
    });
    expect(bytes[0]!.equals(bytes[1]!)).toBe(true);
  });
});

/** A short run of the power spectra beside explicit inference. */
const BASELINE = ['--baseline-ess', '50'];

describe('inference on a small map of one bin, for omega_c and sigma_8 alone', () => {
  beforeAll(async () => {
    const { maps } = await readNpz(path('simulations/simulations.npz'), { names: ['maps'] });
    const { encodeNpy } = await import('@lensfield/io');
    writeFileSync(
      path('map.npy'),
      encodeNpy({ shape: [16, 16, 1], data: (maps!.data as Float32Array).slice(0, 256) }),
    );
  });

  test('explicit: results are written, and --json is one line', async () => {
    const { stdout } = lensfield(
      'infer',
      'explicit',
      ...onMap,
      '--warmup',
      '60',
      '--samples',
      '60',
      '--chains',
      '2',
      ...BASELINE,
      '--out',
      path('explicit'),
    );
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const summary = json<{
      parameters: { name: string; sd: number }[];
      chains: { draws: number };
    }>(stdout);
    expect(summary.parameters.map(({ name }) => name)).toEqual(['omega_c', 'sigma_8']);
    expect(summary.chains.draws).toBe(60);
    const { samples } = await readNpz(path('explicit/posterior.npz'), { names: ['samples'] });
    expect(samples!.shape).toEqual([120, 2]);
    expect(readFileSync(path('explicit/report.html'), 'utf8')).toContain('Can I believe this?');
    expect(readdirSync(path('explicit/figures'))).toContain('corner.png');
  });

  test('explicit: the power spectra of the map are there as baseline, with figures of merit beside it', async () => {
    const summary = json<{
      spectra: { figureOfMerit: Record<string, number>; convergence: { rhat: number; essBulk: number }[] };
    }>(readFileSync(path('explicit/summary.json'), 'utf8'));
    for (const { rhat, essBulk } of summary.spectra.convergence) {
      expect(rhat).toBeLessThanOrEqual(1.01);
      expect(essBulk).toBeGreaterThanOrEqual(50);
    }
    expect(summary.spectra.figureOfMerit['omega_c, sigma_8']).toBeGreaterThan(0);
    const { samples } = await readNpz(path('explicit/spectra-posterior.npz'), { names: ['samples'] });
    expect(samples!.shape[1]).toBe(2);
    const page = readFileSync(path('explicit/report.html'), 'utf8');
    expect(page).toContain('Figures of merit');
    expect(page).toContain('power spectrum');
  });

  test('spectra alone: the same seed gives the same draws with one core and with two', async () => {
    const draws = await Promise.all(
      ['1', '2'].map(async (threads) => {
        lensfield(
          'infer',
          'spectra',
          ...onMap,
          '--threads',
          threads,
          '--until-ess',
          '300',
          '--out',
          path(`spectra-${threads}`),
        );
        return (await readNpz(path(`spectra-${threads}/posterior.npz`), { names: ['samples'] })).samples!;
      }),
    );
    expect(draws[0]!.shape).toEqual([600, 2]);
    expect(draws[1]!.data).toEqual(draws[0]!.data);
  });

  test('reproduce: the table of a run against a reference, the published one beside it', () => {
    const flags = [
      '--run',
      'explicit',
      '--reference',
      'explicit/posterior.npz',
      '--json',
      '--out',
      path('benchmark'),
    ];
    const { stdout } = lensfield('reproduce', 'lens-benchmark', '--part', 'explicit', ...flags);
    const results = json<{
      convergence: { draws: number; c2st: number; simulations: number }[];
      figureOfMerit: { reference: number; fullField: number }[];
    }>(stdout);
    // 120 draws of eight gradients each: fewer than the first row of the paper's table, so that only the whole run is there.
    expect(results.convergence).toHaveLength(1);
    expect(results.convergence[0]!.draws).toBe(120);
    const { gradients } = json<{ gradients: { sampling: number } }>(
      readFileSync(path('explicit/summary.json'), 'utf8'),
    );
    expect(results.convergence[0]!.simulations).toBe(2 * gradients.sampling);
    // The run is its own reference.
    expect(results.figureOfMerit).toHaveLength(1);
    expect(results.figureOfMerit[0]!.fullField).toBeCloseTo(results.figureOfMerit[0]!.reference, 9);
    expect(readFileSync(path('benchmark/convergence.csv'), 'utf8')).toContain('simulations,draws,C2ST');
    expect(readFileSync(path('benchmark/report.html'), 'utf8')).toContain('Against the paper');
    expect(readdirSync(path('benchmark/figures'))).toEqual(
      expect.arrayContaining(['corner.svg', 'c2st-against-simulations.png']),
    );
  });

  test.each(['nuts', 'hmc'])('explicit with %s', (sampler) => {
    const flags = ['--sampler', sampler, '--warmup', '60', '--samples', '30', '--chains', '1'];
    lensfield('infer', 'explicit', ...onMap, ...flags, ...BASELINE, '--out', path(sampler));
    expect(readFileSync(path(`${sampler}/report.html`), 'utf8')).toContain('energies explored');
  });

  test('explicit: --until-ess ends by itself', () => {
    const flags = ['--until-ess', '100', '--warmup', '100', '--out', path('enough')];
    const { stdout } = lensfield('infer', 'explicit', ...onMap, ...flags, ...BASELINE);
    const { convergence } = json<{ convergence: { essBulk: number }[] }>(stdout);
    /* The draws of the last moments, which the look before the end did not see, change it little. */
    for (const { essBulk } of convergence) expect(essBulk).toBeGreaterThan(90);
  });

  test('explicit: --resume with more samples continues to what an uninterrupted run gives', async () => {
    const run = (out: string, samples: string, ...more: string[]) =>
      lensfield(
        'infer',
        'explicit',
        ...onMap,
        ...BASELINE,
        '--warmup',
        '40',
        '--samples',
        samples,
        '--chains',
        '1',
        '--out',
        path(out),
        ...more,
      );
    run('whole', '20');
    run('parts', '8');
    run('parts', '20', '--resume');
    const [whole, parts] = await Promise.all(
      ['whole', 'parts'].map((out) => readNpz(path(`${out}/posterior.npz`), { names: ['samples'] })),
    );
    expect(parts!.samples!.data).toEqual(whole!.samples!.data);
  });

  const implicit = (out: string, ...flags: string[]) => {
    const { stdout } = lensfield(
      'infer',
      'implicit',
      ...onMap,
      ...['--epochs', '3', '--samples', '1000', '--out', path(out)],
      ...flags,
    );
    return json<{
      calibration: { numSimulations: number };
      simulations: { used: number; failed: number };
      rounds: { priorMass: number }[];
      leakedFraction: number;
    }>(stdout);
  };

  test('implicit: simulations, compressor, estimator, calibration', () => {
    const summary = implicit('implicit', '--rounds', '1', '--simulations', '600');
    expect(summary.simulations.used + summary.simulations.failed).toBe(600);
    expect(summary.calibration.numSimulations).toBe(30);
    expect(summary.leakedFraction).toBe(0);
    expect(summary.rounds).toEqual([{ priorMass: 1 }]);
    expect(readdirSync(path('implicit'))).toEqual(
      expect.arrayContaining([
        'compressor.safetensors',
        'estimator.safetensors',
        'posterior.npz',
        'run.json',
      ]),
    );
  });

  test('implicit in rounds: each simulates a part of what the one before did', () => {
    const { rounds, simulations } = implicit('implicit-rounds', '--rounds', '3', '--simulations', '3000');
    expect(simulations.used + simulations.failed).toBe(3000);
    const masses = rounds.map(({ priorMass }) => priorMass);
    expect(masses).toHaveLength(3);
    expect(masses[0]).toBe(1);
    expect(masses[1]).toBeLessThan(1);
    expect(masses[2]).toBeLessThan(masses[1]!);
    expect(masses[2]).toBeGreaterThan(0);
    const page = readFileSync(path('implicit-rounds/report.html'), 'utf8');
    expect(page).toContain('The last round simulated');
  });

  const compressorOf = (out: string) =>
    decodeSafetensors(readFileSync(path(`${out}/compressor.safetensors`))).metadata.compressor;

  test('implicit takes two rounds unless told otherwise, and compresses by the score of the field', () => {
    expect(implicit('implicit-default', '--simulations', '1400').rounds).toHaveLength(2);
    expect(compressorOf('implicit-default')).toBe('field');
  });

  test('implicit by statistics alone', () => {
    const { rounds } = implicit('implicit-statistics', '--compressor', 'statistics', '--simulations', '1400');
    expect(rounds).toHaveLength(2);
    expect(compressorOf('implicit-statistics')).toBe('score');
  });

  test('implicit with convolutions', () => {
    const flags = ['--compressor', 'convolutional', '--rounds', '1', '--simulations', '600'];
    expect(implicit('implicit-maps', ...flags).calibration.numSimulations).toBe(30);
  });

  test('compare and report bring both together', () => {
    const { stdout } = lensfield(
      'compare',
      path('implicit'),
      path('explicit'),
      '--json',
      '--out',
      path('comparison'),
    );
    const { c2st, parameters } = json<{
      c2st: number;
      parameters: { shift: number; width: number }[];
    }>(stdout);
    expect(c2st).toBeGreaterThan(0.4);
    expect(parameters).toHaveLength(2);
    lensfield('report', path('implicit'), path('explicit'), '--out', path('both'));
    const page = readFileSync(path('both/report.html'), 'utf8');
    expect(page).toContain('implicit (too few simulations to calibrate) against explicit');
  });

  test('a posterior compared with itself cannot be told apart', () => {
    const { stdout } = lensfield(
      'compare',
      path('implicit'),
      path('implicit'),
      '--json',
      '--out',
      path('self'),
    );
    const { c2st, parameters } = json<{
      c2st: number;
      parameters: { shift: number; width: number }[];
    }>(stdout);
    // The same draws on both sides: a classifier can only guess, and copies in other folds pull it below one half.
    expect(c2st).toBeLessThan(0.55);
    for (const { shift, width } of parameters) expect([shift, width]).toEqual([0, 1]);
  });
});

test('values of --config are used, and flags win', () => {
  writeFileSync(path('config.yaml'), 'count: 4\nseed: 7\nsurvey: survey.yaml\n');
  const runs = [[], ['--count', '2']].map((flags, i) => {
    const { stdout } = lensfield(
      'simulate',
      '--config',
      'config.yaml',
      '--json',
      '--out',
      path(`config-${i}`),
      ...flags,
    );
    return json<{ written: number }>(stdout).written;
  });
  expect(runs).toEqual([4, 2]);
});
