// `npm test`: from a fresh clone to every package's tests. Arguments go to Vitest (a path selects tests).

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { buildWorkspace, installWorkspace } from './install.mjs';

installWorkspace();
buildWorkspace();
const results = 'build/test-results.json';
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...process.argv.slice(2),
  ],
  { cwd: new URL('../../../', import.meta.url), stdio: 'inherit' },
);
const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
  readFileSync(new URL(`../../../${results}`, import.meta.url), 'utf8'),
);
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
process.exit(status ?? 1);
