// `npm run tensorflow [-- PROJECT]`: makes the backend `tensorflow` load where the download of its prebuilt parts is out of reach.
// The C library comes out of the TensorFlow wheel that pip downloads, and g++ compiles the two sources of the binding that the npm
// package @tensorflow/tfjs-node holds. PROJECT is a folder in which that package is installed (`npm install --ignore-scripts
// @tensorflow/tfjs-node@4.22.0`); without it the package is installed in build/tensorflow and linked to packages/tensors.
//   --force         builds again what works already
//   --cache FOLDER  keeps the wheel there (198 MiB; default: lensfield-tensorflow in the user's cache)
// Needs Linux on x64, Node 20 or newer, g++ and python3 with pip. About a minute; 430 MiB of libraries beside the package.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installWorkspace } from './install.mjs';

const PACKAGE = '@tensorflow/tfjs-node';
const PACKAGE_VERSION = '4.22.0';
/* From 2.12 on the C interface has a library of its own; from 2.18 on `round` of integers is wrong. */
const WHEEL_VERSION = '2.15.1';
const WHEEL_SHA256 = '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26';
const PIP_DOWNLOAD = (
  '-m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps --only-binary=:all: ' +
  '--implementation cp --python-version 3.11 --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64'
).split(' ');
const DOWNLOAD_LIMIT_MS = 240_000;

/* Takes the two libraries and the headers that the binding includes, directly or through others, out of the wheel. */
const UNPACK = `
import os, re, shutil, sys, zipfile
wheel, target = zipfile.ZipFile(sys.argv[1]), sys.argv[2]
held = set(wheel.namelist())
def take(name, path):
    path = os.path.join(target, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with wheel.open(name) as source, open(path, 'wb') as sink:
        shutil.copyfileobj(source, sink, 1 << 20)
for library in sys.argv[3:]:
    take('tensorflow/' + library, 'lib/' + library)
wanted = ['tensorflow/c/c_api.h', 'tensorflow/c/eager/c_api.h', 'tensorflow/core/platform/ctstring_internal.h']
taken = set()
while wanted:
    header = wanted.pop()
    name = 'tensorflow/include/' + header
    if header in taken or name not in held:
        continue
    taken.add(header)
    take(name, 'include/' + header)
    wanted += re.findall(r'^\\s*#\\s*include\\s+"([^"]+)"', wheel.read(name).decode(), re.M)
`;

/* Loads the package as Node would and multiplies two matrices. Newer Nodes lack what the package calls. */
const TRIAL = `
const util = require('node:util');
Object.assign(util, { isArray: Array.isArray, isNullOrUndefined: (value) => value == null });
const tf = require(process.argv[1]);
const product = tf.matMul([[1, 2], [3, 4]], [[1, 2], [3, 4]]).dataSync().join();
if (tf.getBackend() !== 'tensorflow' || product !== '7,10,15,22') throw new Error(tf.getBackend() + ' gave ' + product);
console.log(tf.backend().binding.TF_Version);
`;

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { values: options, positionals } = parseArgs({
  options: { force: { type: 'boolean', default: false }, cache: { type: 'string' } },
  allowPositionals: true,
});

function fail(message) {
  throw new Error(message);
}

/** Runs a command quietly; throws what it printed when it fails. */
function run(command, args, settings = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...settings });
  if (status === 0) return stdout;
  const reason = error?.message ?? `it ended with ${status}\n${stdout}${stderr}`;
  return fail(`${command} ${args.slice(0, 3).join(' ')} ... must succeed; ${reason}`);
}

function npmInstall(cwd, args) {
  const flags = '--ignore-scripts --no-audit --no-fund'.split(' ');
  run('npm', ['install', ...flags, ...args], { cwd, timeout: DOWNLOAD_LIMIT_MS });
}

function requireTools() {
  if (`${process.platform} ${process.arch}` !== 'linux x64')
    fail(
      `the platform must be linux x64, for which the wheel is made; got ${process.platform} ${process.arch}.`,
    );
  for (const [command, ...args] of [
    ['g++', '--version'],
    ['python3', '-m', 'pip', '--version'],
  ])
    if (spawnSync(command, args).status !== 0)
      fail(`${command} ${args.join(' ')} must run; install it first.`);
}

/** Replaces what stands at `path` by a link to `target`. */
function link(target, path) {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** The package in build/tensorflow, with the workspace's copies of what both load, and linked to packages/tensors. */
function projectOfWorkspace() {
  installWorkspace();
  const project = join(root, 'build/tensorflow');
  const scope = join(project, 'node_modules/@tensorflow');
  if (!existsSync(join(scope, 'tfjs-node/package.json'))) {
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
    npmInstall(project, [`${PACKAGE}@${PACKAGE_VERSION}`]);
  }
  const tensors = join(root, 'packages/tensors/node_modules/@tensorflow');
  for (const shared of ['tfjs-core', 'tfjs-backend-cpu'])
    link(realpathSync(join(tensors, shared)), join(scope, shared));
  link(join(scope, 'tfjs-node'), join(tensors, 'tfjs-node'));
  return project;
}

function packageIn(project) {
  try {
    const manifest = createRequire(join(resolve(project), 'package.json')).resolve(`${PACKAGE}/package.json`);
    return dirname(realpathSync(manifest));
  } catch {
    return fail(
      `${PACKAGE} must be installed in ${project}: npm install --ignore-scripts ${PACKAGE}@${PACKAGE_VERSION}`,
    );
  }
}

/** The version of the TensorFlow with which the package works, or why it does not. */
function trial(folder) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', TRIAL, folder], {
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  return status === 0 ? { version: stdout.trim() } : { reason: stderr };
}

function wheelIn(cache) {
  mkdirSync(cache, { recursive: true });
  const find = (folder) =>
    readdirSync(folder).find(
      (name) => name.startsWith(`tensorflow_cpu-${WHEEL_VERSION}-`) && name.endsWith('.whl'),
    );
  if (!find(cache)) {
    console.log(`tensorflow: downloading tensorflow-cpu ${WHEEL_VERSION} (198 MiB)`);
    const temporary = mkdtempSync(join(cache, 'download-'));
    try {
      const wanted = ['--dest', temporary, `tensorflow-cpu==${WHEEL_VERSION}`];
      run('python3', [...PIP_DOWNLOAD, ...wanted], { timeout: DOWNLOAD_LIMIT_MS });
      const name = find(temporary);
      renameSync(join(temporary, name), join(cache, name));
    } finally {
      rmSync(temporary, { recursive: true });
    }
  }
  const wheel = join(cache, find(cache));
  const found = createHash('sha256').update(readFileSync(wheel)).digest('hex');
  if (found !== WHEEL_SHA256) {
    rmSync(wheel);
    fail(`the wheel must have sha256 ${WHEEL_SHA256}; got ${found}. It is deleted: run again.`);
  }
  return wheel;
}

/** Libraries and headers under `deps`, with the names that the binding is linked against. */
function unpack(wheel, deps) {
  rmSync(deps, { recursive: true, force: true });
  const libraries = {
    tensorflow: 'libtensorflow_cc.so.2',
    tensorflow_framework: 'libtensorflow_framework.so.2',
  };
  const files = Object.values(libraries);
  run('python3', ['-c', UNPACK, wheel, deps, ...files]);
  // Without symbols a third smaller; an absent strip is no harm.
  spawnSync('strip', ['--strip-unneeded', ...files.map((file) => join(deps, 'lib', file))]);
  for (const [name, file] of Object.entries(libraries))
    for (const suffix of ['so', 'so.2', 'so.2.9.1']) {
      const alias = join(deps, 'lib', `lib${name}.${suffix}`);
      if (!existsSync(alias)) symlinkSync(file, alias);
    }
}

/** The folder of Node's own interface: beside `node`, else from npm. */
function nodeHeaders(cache) {
  const beside = join(dirname(process.execPath), '../include/node');
  const fromNpm = join(cache, 'node_modules/node-api-headers/include');
  const find = () => [beside, fromNpm].find((folder) => existsSync(join(folder, 'node_api.h')));
  if (!find()) npmInstall(cache, ['--prefix', cache, 'node-api-headers']);
  return find();
}

function compile(folder, deps, headers) {
  const output = join(deps, 'tfjs_binding.node');
  const lib = join(deps, 'lib');
  const flags = '-std=c++17 -O2 -fPIC -shared -pthread -DNAPI_VERSION=8 -DBUILDING_NODE_EXTENSION'.split(' ');
  const sources = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'];
  const includes = ['.', join(deps, 'include'), headers].map((path) => `-I${path}`);
  const paths = [`-L${lib}`, `-Wl,-rpath-link,${lib}`, '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  const libraries = ['-ltensorflow', '-ltensorflow_framework'];
  run('g++', [...flags, ...includes, ...sources, '-o', output, ...paths, ...libraries], { cwd: folder });
  return output;
}

function build(folder, cache) {
  requireTools();
  const wheel = wheelIn(cache);
  const deps = join(folder, 'deps.new');
  unpack(wheel, deps);
  console.log('tensorflow: compiling the binding');
  const binding = compile(folder, deps, nodeHeaders(cache));
  // Where the package looks for it, on every version of Node that speaks version 8 of the interface.
  const preGyp = createRequire(join(folder, 'package.json'))('@mapbox/node-pre-gyp');
  const addon = preGyp.find(join(folder, 'package.json'));
  mkdirSync(dirname(addon), { recursive: true });
  rmSync(addon, { force: true });
  cpSync(binding, addon);
  rmSync(binding);
  rmSync(join(folder, 'deps'), { recursive: true, force: true });
  renameSync(deps, join(folder, 'deps'));
}

try {
  const userCache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const cache = resolve(options.cache ?? join(userCache, 'lensfield-tensorflow'));
  const folder = packageIn(positionals[0] ?? projectOfWorkspace());
  if (options.force || trial(folder).version === undefined) build(folder, cache);
  const { version, reason } = trial(folder);
  if (version === undefined) fail(`the binding was built and does not load: ${reason}`);
  console.log(`tensorflow: ready, TensorFlow ${version} behind ${PACKAGE} ${PACKAGE_VERSION}`);
} catch (error) {
  console.error(`tensorflow: ${error.message}`);
  process.exitCode = 1;
}
