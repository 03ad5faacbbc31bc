import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Kernels } from '@lensfield/kernels';

/** What made a result: enough to make it again. Written beside every result as `run.json`. */
export interface RunRecord {
  readonly command: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: {
    readonly node: string;
    readonly platform: string;
    readonly backend: string;
    readonly threads: number;
  };
  /** SHA-256 of each input file, by path. */
  readonly inputs: Readonly<Record<string, string>>;
}

export async function runRecord(
  command: string,
  options: Readonly<Record<string, unknown>>,
  kernels: Kernels,
  inputFiles: readonly string[],
): Promise<RunRecord> {
  const hashes = await Promise.all(inputFiles.map(async (path) => [path, await sha256Of(path)] as const));
  return {
    command,
    options,
    versions: versions(),
    machine: {
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      backend: kernels.backend,
      threads: kernels.threads,
    },
    inputs: Object.fromEntries(hashes),
  };
}

async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Of this package and those of the project that it stands on. */
function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const packageOf = (name: string) =>
    require(`${name}/package.json`) as { version: string; dependencies?: Record<string, string> };
  const names = Object.keys(packageOf('lensfield').dependencies ?? {});
  const own = ['lensfield', ...names.filter((name) => name.startsWith('@lensfield/'))];
  return Object.fromEntries(own.map((name) => [name, packageOf(name).version]));
}
