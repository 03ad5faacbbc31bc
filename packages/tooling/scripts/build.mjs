#!/usr/bin/env node
// Builds the package in the current folder: every source entry named in its `exports` (and `lensfield.entries` in
// package.json, for workers and the command line) becomes one ES module with declarations in `dist`.
import { existsSync, readFileSync } from 'node:fs';
import { build } from 'tsup';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const sources = Object.values(manifest.exports).flatMap((entry) => entry['@lensfield/source'] ?? []);
const extra = manifest.lensfield?.entries ?? [];
for (const entry of [...sources, ...extra]) {
  if (!existsSync(entry))
    throw new Error(`lensfield-build: entry must exist; got ${entry} in ${manifest.name}`);
}

await build({
  entry: [...sources, ...extra],
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/, /^@lensfield\//],
  dts: {
    entry: sources,
    compilerOptions: {
      ignoreDeprecations: '6.0',
      allowImportingTsExtensions: true,
      noEmit: false,
      emitDeclarationOnly: true,
    },
  },
  splitting: true,
  clean: !manifest.lensfield?.keepDist,
  silent: true,
});
