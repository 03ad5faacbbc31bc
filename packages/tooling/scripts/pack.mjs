// Packs workspace packages as they would be published (workspace versions resolved, publishConfig applied).
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../../', import.meta.url);
const { packageManager } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

/** Packs the package in `directory` into `destination`; returns the path of the tarball. */
export function packPackage(directory, destination) {
  const { status, stdout, stderr } = spawnSync(
    'npx',
    ['--yes', packageManager, 'pack', '--json', '--pack-destination', destination],
    {
      cwd: directory,
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`lensfield-package-check: cannot pack ${directory}: ${stderr}${stdout}`);
  const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
}

/** Manifests of the packages that are published, by name, each with its `directory`. */
export function publishedPackages() {
  const packages = new Map();
  for (const entry of readdirSync(new URL('packages/', root))) {
    const directory = new URL(`packages/${entry}/`, root).pathname;
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    if (!manifest.private) packages.set(manifest.name, { ...manifest, directory });
  }
  return packages;
}
