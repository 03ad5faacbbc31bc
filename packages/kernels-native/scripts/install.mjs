// Builds the addon where a C compiler is present. Never fails: @lensfield/kernels serves from WASM without it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copySources } from './copy-sources.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const BUILD_TIMEOUT_MS = 300_000;

/** Everything that the addon depends on: sources, flags, Node's ABI, the processor (-march=native). */
function stampText() {
  const hash = createHash('sha256').update(readFileSync(`${root}binding.gyp`));
  for (const file of readdirSync(`${root}csrc`).sort())
    if (/\.[ch]$/.test(file)) hash.update(file).update(readFileSync(`${root}csrc/${file}`));
  const { platform, arch, versions } = process;
  return JSON.stringify({
    sources: hash.digest('hex'),
    platform,
    arch,
    napi: versions.napi,
    processor: cpus()[0]?.model ?? '',
  });
}

function isBuilt(stamp) {
  const path = `${root}dist/stamp.json`;
  return existsSync(`${root}dist/lensfield.node`) && existsSync(path) && readFileSync(path, 'utf8') === stamp;
}

/** One build at a time; a lock older than the longest build is left over from a killed one. */
async function withLock(body) {
  const lock = `${root}dist/lock`;
  mkdirSync(`${root}dist`, { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > BUILD_TIMEOUT_MS) rmSync(lock, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  try {
    return await body();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function compile() {
  const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  const prefix = dirname(dirname(process.execPath));
  const args = [gyp, 'configure', 'build', `-j${Math.max(1, cpus().length)}`];
  if (existsSync(join(prefix, 'include/node/node_api.h'))) args.push('--nodedir', prefix);
  const run = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: BUILD_TIMEOUT_MS });
  mkdirSync(`${root}build`, { recursive: true });
  writeFileSync(`${root}build/log.txt`, `${run.stdout}\n${run.stderr}`);
  const warnings = `${run.stdout}\n${run.stderr}`.match(/csrc\/[^\n]*(?:warning|error):[^\n]*/g) ?? [];
  if (run.status !== 0) {
    const cause =
      warnings.find((line) => line.includes('error:')) ??
      run.stderr.match(/gyp ERR! (?:stack )?Error: .*/)?.[0];
    throw new Error(cause ?? String(run.error?.message ?? `node-gyp ended with ${run.status}`));
  }
  for (const line of warnings) console.log(line);
}

/** By rename, so that running processes keep the addon that they have loaded. */
function putInPlace(stamp) {
  copyFileSync(`${root}build/Release/lensfield.node`, `${root}dist/lensfield.node.new`);
  renameSync(`${root}dist/lensfield.node.new`, `${root}dist/lensfield.node`);
  writeFileSync(`${root}dist/stamp.json`, stamp);
}

try {
  await withLock(async () => {
    await copySources();
    const stamp = stampText();
    if (isBuilt(stamp)) return;
    const started = Date.now();
    compile();
    putInPlace(stamp);
    console.log(`@lensfield/kernels-native: built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  });
} catch (error) {
  const cause = String(error.message).split('\n')[0];
  console.log(`@lensfield/kernels-native: not built, WASM will serve (${cause}); see build/log.txt`);
}
