import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../src/bench.mjs', import.meta.url));
const bench = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

test('ours alone: one JSON line a row, with a time and no peer', () => {
  const { stdout, stderr, status } = bench(
    '--json',
    '--alone',
    '--only',
    'fft-64/native',
    '--only',
    'fft-64/wasm',
    '--threads',
    '1',
    '--seconds',
    '0.1',
  );
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  // Without a compiler there is no native line, and a sentence says why.
  const names = stderr.includes('native is left out') ? ['fft-64/wasm'] : ['fft-64/native', 'fft-64/wasm'];
  expect(status).toBe(0);
  expect(lines.map(({ name }) => name)).toEqual(names);
  for (const line of lines) {
    expect(line).toMatchObject({ threads: 1, peer: null, peer_ms: null, ratio: null });
    // A round trip of five fields has some 5e5 operations: from a microsecond (no machine does) to a second.
    expect(line.ours_ms).toBeGreaterThan(1e-3);
    expect(line.ours_ms).toBeLessThan(1e3);
    expect(line.spread).toBeGreaterThanOrEqual(0);
  }
});

test('a row that is none is refused, with the names of all', () => {
  const { stderr, status } = bench('--only', 'no-such-row');
  expect(status).toBe(2);
  expect(stderr).toContain('--only must name one of gemm-1024/native');
});
