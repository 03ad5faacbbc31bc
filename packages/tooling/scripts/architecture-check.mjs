// The rules of the house that a tool can check: rows of packages, no import cycles, no banned names, README examples that run.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import madge from 'madge';

const ROWS = [
  ['contracts'],
  ['kernels', 'kernels-native', 'io', 'plots', 'campaign'],
  ['tensors', 'cosmology', 'hmc', 'diagnostics'],
  ['flows', 'compressors', 'ot-emulator', 'lognormal', 'nbody', 'tasks'],
  ['sbi'],
  ['lensfield'],
];
const PRIVATE = ['testing', 'tooling', 'bench'];
const BANNED_NAMES = /(^|[-/])(utils?|helpers?|common|misc|manager)([-./]|$)/;
const packagesFolder = new URL('../../', import.meta.url);
const problems = [];

const rowOf = (name) => ROWS.findIndex((row) => row.includes(name.replace('@lensfield/', '')));

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const url = new URL(entry.isDirectory() ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory()) return sourceFiles(url);
    return entry.name.endsWith('.ts') ? [url] : [];
  });
}

function checkRow(name, manifest) {
  const row = rowOf(name);
  if (row < 0)
    return problems.push(`${name} must have a row in the table of architecture-check.mjs and design`);
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const lower = rowOf(dependency);
    const optionalAddon = dependency === '@lensfield/kernels-native';
    if (dependency.startsWith('@lensfield/') && lower >= row && !optionalAddon) {
      problems.push(
        `${name} (row ${row}) must use rows above its own only; depends on ${dependency} (row ${lower})`,
      );
    }
  }
}

function checkImports(name, manifest, files) {
  const declared = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  };
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    for (const [, specifier] of text.matchAll(/from '(@lensfield\/[a-z-]+)'/g)) {
      if (!(specifier in declared))
        problems.push(`${fileURLToPath(file)} imports ${specifier}, which ${name} does not declare`);
    }
    if (BANNED_NAMES.test(file.pathname.split('/packages/')[1]))
      problems.push(`${file.pathname}: name says nothing (banned word)`);
  }
}

function checkReadmeExample(name, folder) {
  const example = new URL('examples/basic.ts', folder);
  const readme = new URL('README.md', folder);
  if (!existsSync(readme)) return problems.push(`${name} must have a README.md`);
  if (!existsSync(example)) return;
  const code = readFileSync(example, 'utf8').trim();
  if (!readFileSync(readme, 'utf8').includes(code))
    problems.push(`${name}: README.md must show examples/basic.ts word for word`);
}

for (const name of readdirSync(packagesFolder)) {
  const folder = new URL(`${name}/`, packagesFolder);
  const manifest = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  if (PRIVATE.includes(name)) continue;
  checkRow(name, manifest);
  checkReadmeExample(name, folder);
  const src = new URL('src/', folder);
  if (!existsSync(src)) continue;
  checkImports(name, manifest, sourceFiles(src));
  const graph = await madge(fileURLToPath(src), {
    fileExtensions: ['ts'],
    detectiveOptions: { ts: { skipTypeImports: true } },
  });
  for (const cycle of graph.circular()) problems.push(`${name}: circular import ${cycle.join(' -> ')}`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log('architecture: rows, imports, cycles, names and README examples are right');
