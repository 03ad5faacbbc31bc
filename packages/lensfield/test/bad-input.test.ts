import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeNpy } from '@lensfield/io';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lensfield-bad-input-'));
const path = (name: string) => join(folder, name);

const SURVEY = `
name: two-bins
mapSize: 16
fieldSizeDeg: 2
galaxiesPerArcmin2: [5, 5]
sigmaE: 0.26
redshifts: { family: smail, alpha: 2, beta: 0.68, z0: 0.11, zMax: 10, numBins: 2, photoZError: 0.05 }
`;

function writeMap(name: string, shape: number[], change: (data: Float32Array) => void = () => {}): void {
  const data = new Float32Array(shape.reduce((a, b) => a * b)).fill(0.01);
  change(data);
  writeFileSync(path(name), encodeNpy({ shape, data }));
}

beforeAll(() => {
  writeFileSync(path('survey.yaml'), SURVEY);
  // As rough as the noise of the survey, 0.0155 a pixel.
  writeMap('good.npy', [16, 16, 2], (data) => {
    for (let i = 0; i < data.length; i++) data[i] = 0.022 * Math.sin(i * i);
  });
  writeMap('nan.npy', [16, 16, 2], (data) => {
    data[2 * (16 * 3 + 5) + 1] = Number.NaN;
  });
  writeMap('noise.npy', [16, 16, 2]);
  writeMap('zero.npy', [16, 16, 2], (data) => {
    data[2 * 16 * 2] = 0;
  });
  writeMap('blind.npy', [16, 16, 2], (data) => {
    data.fill(Infinity);
  });
  writeMap('bins.npy', [16, 16, 3]);
  writeMap('oblong.npy', [16, 8, 2]);
  writeMap('size.npy', [32, 32, 2]);
  const whole = encodeNpy({ shape: [16, 16, 2], data: new Float32Array(512) });
  writeFileSync(path('truncated.npy'), whole.subarray(0, 1000));
  writeFileSync(path('text.npy'), 'a map, honestly\n');
  writeFileSync(path('unknown-key.yaml'), `${SURVEY}seeing: 0.7\n`);
  writeFileSync(path('odd-size.yaml'), SURVEY.replace('mapSize: 16', 'mapSize: 22'));
  writeFileSync(path('prior.yaml'), 'omega_c: { distribution: uniform, low: 0.5, high: 0.1 }\n');
  writeFileSync(path('unknown-parameter.yaml'), 'omega_x: 0.3\n');
  writeFileSync(path('config.yaml'), 'simulation: 500\n');
  writeFileSync(path('file'), 'not a folder');
});

afterAll(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[]) {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: folder });
}

const implicit = (extra: readonly string[]) => [
  'infer',
  'implicit',
  '--survey',
  path('survey.yaml'),
  '--observation',
  path('good.npy'),
  ...extra,
];
const explicit = (extra: readonly string[]) => [
  'infer',
  'explicit',
  '--survey',
  path('survey.yaml'),
  '--observation',
  path('good.npy'),
  ...extra,
];
const withMap = (name: string) => ['--observation', path(name)];

/** [what is wrong, command, words that the message must have: what, rule, value or remedy]. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['a map with NaN', implicit(withMap('nan.npy')), ['finite', 'NaN at row 3, column 5, bin 1', '--noise']],
  ['a map with NaN, explicitly', explicit(withMap('nan.npy')), ['finite', 'NaN at row 3']],
  [
    'the wrong number of bins',
    implicit(withMap('bins.npy')),
    ["2 bins of survey 'two-bins'", '[16, 16, 3]', 'Choose'],
  ],
  ['a map that is not square', implicit(withMap('oblong.npy')), ['square', '[16, 8, 2]']],
  ['a map of another size', implicit(withMap('size.npy')), ['16 pixels a side', '[32, 32, 2]']],
  [
    'a NaN where the noise says that there are data',
    explicit([...withMap('nan.npy'), '--noise', path('noise.npy')]),
    ['--observation must have finite pixels', 'NaN at row 3', 'inf in such a pixel'],
  ],
  [
    'noise of nothing',
    explicit(['--noise', path('zero.npy')]),
    ['--noise', 'above 0', '0 at row 2, column 0'],
  ],
  ['noise that knows no data', explicit(['--noise', path('blind.npy')]), ['--noise', 'inf everywhere']],
  ['noise of another map', explicit(['--noise', path('bins.npy')]), ['--noise must have the 2 bins']],
  ['noise for simulations', implicit(['--noise', path('noise.npy')]), ['--noise']],
  ['a truncated npy file', explicit(withMap('truncated.npy')), ['cut off', 'truncated.npy']],
  ['text instead of npy', implicit(withMap('text.npy')), ['must be an npy file', 'text.npy']],
  ['a missing file', implicit(withMap('missing.npy')), ['no such file', 'missing.npy']],
  ['a reproduction of nothing', ['reproduce', 'lens-benchmark'], ['--run must name', '--observation']],
  [
    'a reproduction without the published posterior',
    ['reproduce', 'lens-benchmark', '--run', path('file')],
    ['--reference must name the published posterior', 'got none'],
  ],
  [
    'a reproduction of what is no run',
    ['reproduce', 'lens-benchmark', '--run', folder, '--reference', path('good.npy')],
    ['--reference must hold samples', '[16, 16, 2]'],
  ],
  ['no observation for spectra', ['infer', 'spectra'], ['--observation must name']],
  ['no observation', ['infer', 'explicit'], ['--observation must name']],
  [
    'an unknown survey key',
    implicit(['--survey', path('unknown-key.yaml')]),
    ["unknown key 'seeing'", 'unknown-key.yaml'],
  ],
  ['an unknown survey', implicit(['--survey', 'euclid']), ['lsst-y10', "'euclid'"]],
  ['a map size without a fast transform', implicit(['--survey', path('odd-size.yaml')]), ['22', '20', '24']],
  ['zero simulations', implicit(['--simulations', '0']), ['--simulations', "'0'"]],
  [
    'too few simulations for two rounds',
    implicit(['--simulations', '1000']),
    ['at least 1334', '--rounds 1'],
  ],
  ['no round', implicit(['--rounds', '0']), ['--rounds', 'at least 1', "'0'"]],
  [
    'a compressor that is not there',
    implicit(['--compressor', 'pca']),
    ['field, statistics, convolutional', "'pca'"],
  ],
  [
    'the score of the field in the first round',
    implicit(['--compressor', 'field', '--rounds', '1']),
    ['--rounds 1', 'got field', '--rounds 2'],
  ],
  ['zero maps to simulate', ['simulate', '--count', '0'], ['--count', "'0'"]],
  ['an --out that is a file', implicit(['--out', path('file')]), ['--out', 'folder']],
  ['an --out below a file', explicit(['--out', path('file/results')]), ['--out', 'folder']],
  [
    'a prior with low above high',
    implicit(['--prior', path('prior.yaml')]),
    ['omega_c', 'low', '0.5', '0.1'],
  ],
  [
    'a prior of an unknown parameter',
    implicit(['--prior', path('unknown-parameter.yaml')]),
    ['omega_x', 'omega_c'],
  ],
  [
    'an unknown key of the config',
    implicit(['--config', path('config.yaml')]),
    ["unknown key 'simulation'", 'simulations'],
  ],
  ['a sampler that is not there', explicit(['--sampler', 'gibbs']), ['hmc, mclmc, nuts', "'gibbs'"]],
  ['an unknown flag', implicit(['--simulation', '10']), ['--simulation']],
  ['a run that is not there', ['report', path('nowhere')], ['nowhere', 'finished run']],
  ['posteriors that are not there', ['compare', path('a.npz'), path('b.npz')], ['a.npz']],
];

describe('bad input ends with exit code 2, one line and nothing written', () => {
  test.each(CASES)('%s', (_, args, words) => {
    const before = readdirSync(folder);
    const out = args.includes('--out') ? [] : ['--out', path('out')];
    const { status, stderr, stdout } = run([...args, ...out]);
    expect(status, stderr).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    for (const word of words) expect(stderr).toContain(word);
    expect(existsSync(path('out'))).toBe(false);
    expect(readdirSync(folder)).toEqual(before);
  });
});

test('good input of the same files is accepted: the checks above fail for their own reason', () => {
  const { status, stderr } = run([
    ...explicit(['--chains', '1', '--warmup', '10', '--samples', '10', '--seed', '3']),
    '--out',
    path('out'),
  ]);
  expect(status, stderr).toBe(0);
  expect(readdirSync(path('out')).sort()).toEqual([
    'checkpoint',
    'convergence-maps.npy',
    'convergence-spectra.npz',
    'figures',
    'posterior.nc',
    'posterior.npz',
    'reconstruction-sd.npy',
    'reconstruction.npy',
    'report-data.json',
    'report.html',
    'run.json',
    'spectra-posterior.npz',
    'summary.json',
  ]);
  /* It samples the power spectra of the map too. */
}, 180_000);
