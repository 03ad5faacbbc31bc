// Installs the packed tarball of each package, with those of the packages it needs, into an empty folder with npm and runs the example
// of its README there. `@lensfield/hmc` must stay below 1 MB with everything it brings, without a tensor library.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { packPackage, publishedPackages } from './pack.mjs';

const SIZE_LIMIT_BYTES = { '@lensfield/hmc': 1_000_000 };

function closure(name, packages, seen = new Set()) {
  if (!packages.has(name) || seen.has(name)) return seen;
  seen.add(name);
  const { dependencies = {}, optionalDependencies = {} } = packages.get(name);
  for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies }))
    closure(dependency, packages, seen);
  return seen;
}

function folderSize(path) {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + folderSize(join(path, name)), 0);
}

async function check(name, packages, tarballs) {
  const folder = mkdtempSync(join(tmpdir(), 'lensfield-install-check-'));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const needed = [...closure(name, packages)].map((dependency) => tarballs.get(dependency));
    const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...needed], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (npm.status !== 0) throw new Error(`${name}: npm install failed\n${npm.stdout}${npm.stderr}`);
    checkSize(name, join(folder, 'node_modules'));
    await runExample(name, packages.get(name).directory, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkSize(name, modules) {
  const limit = SIZE_LIMIT_BYTES[name];
  if (limit === undefined) return;
  const size = folderSize(modules);
  if (size > limit) throw new Error(`${name}: installed size must be at most ${limit} bytes; got ${size}`);
  if (existsSync(join(modules, '@tensorflow'))) throw new Error(`${name}: must not bring a tensor library`);
  console.log(`${name}: ${size} bytes installed`);
}

async function runExample(name, directory, folder) {
  const example = join(directory, 'examples/basic.ts');
  if (!existsSync(example)) return;
  const { code } = await transform(readFileSync(example, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: 'es2022',
  });
  writeFileSync(join(folder, 'basic.mjs'), code);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['basic.mjs'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`${name}: the README example failed in an empty folder\n${stdout}${stderr}`);
}

const packages = publishedPackages();
const destination = mkdtempSync(join(tmpdir(), 'lensfield-tarballs-'));
try {
  const only = process.argv.slice(2);
  const names = [...packages.keys()].filter((name) => only.length === 0 || only.includes(name));
  const tarballs = new Map(
    [...packages].map(([name, { directory }]) => [name, packPackage(directory, destination)]),
  );
  for (const name of names) {
    await check(name, packages, tarballs);
    console.log(`${name}: installs from its tarball and works`);
  }
} finally {
  rmSync(destination, { recursive: true, force: true });
}
