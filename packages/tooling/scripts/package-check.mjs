#!/usr/bin/env node
// Checks the package in the current folder as npm would publish it: publint and "are the types wrong" on its tarball.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packPackage } from './pack.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lensfield-package-check-'));
try {
  const tarball = packPackage('.', folder);
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  // publint's own unpacking does not find package.json in a tarball whose first entry is another file.
  spawnSync('tar', ['-xzf', tarball, '-C', folder]);
  const { messages, pkg } = await publint({ pkgDir: join(folder, 'package'), strict: true, pack: false });
  for (const message of messages) console.error(formatMessage(message, pkg));
  const attw = join(
    dirname(createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')),
    'dist/index.js',
  );
  const types = spawnSync(process.execPath, [attw, tarball, '--profile', 'esm-only', '--format', 'ascii'], {
    encoding: 'utf8',
  });
  if (types.status !== 0) console.error(types.stdout, types.stderr);
  if (messages.length > 0 || types.status !== 0) process.exit(1);
  console.log(`${manifest.name}: publint and types are right`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
