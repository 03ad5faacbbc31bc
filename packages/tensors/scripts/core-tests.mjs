// `npm run core-tests`: runs the tests of ops that TensorFlow.js ships in @tensorflow/tfjs-core on our backends, with our gradients, and writes
// what fails, and why, into packages/tensors/README.md. Ends with 1 if a failure has no explanation (core-test-exceptions.mjs).
// It installs Jasmine, in which they are written, in build/core-tests; packages/kernels must be built.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXCEPTIONS } from './core-test-exceptions.mjs';

const BACKENDS = ['native', 'wasm'];
const JASMINE = 'jasmine@4.2.1';
const BEGIN = '<!-- core tests: written by `npm run core-tests` -->';
const END = '<!-- end of core tests -->';
const root = fileURLToPath(new URL('../../../', import.meta.url));
const package_ = join(root, 'packages/tensors');
const folder = join(root, 'build/core-tests');
/* Beside the package's dependencies, which the bundle leaves to Node. */
const bundle = join(package_, 'node_modules/.cache/core-tests.mjs');
const core = join(realpathSync(join(package_, 'node_modules/@tensorflow/tfjs-core')), 'dist');

function installJasmine() {
  if (existsSync(join(folder, 'node_modules/jasmine'))) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', JASMINE], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`core-tests: npm must install ${JASMINE}; it ended with ${status}.`);
}

/** Our backend as the one to test, then every test of an op. */
function entry() {
  const tests = ['ops', 'ops/sparse']
    .flatMap((name) => readdirSync(join(core, name)).map((file) => join(core, name, file)))
    .filter((file) => file.endsWith('_test.js'));
  return [
    `import '${core}/public/chained_ops/register_all_chained_ops.js';`,
    `import { setTestEnvs } from '${core}/jasmine_util.js';`,
    `import { initTensors } from '${package_}/src/index.ts';`,
    'const name = process.argv[3];',
    'await initTensors({ backend: name });',
    'setTestEnvs([{ name, backendName: name, isDataSync: true }]);',
    ...tests.map((file) => `await import('${file}');`),
  ].join('\n');
}

async function makeBundle() {
  const { build } = createRequire(join(root, 'packages/tooling/package.json'))('esbuild');
  await build({
    stdin: { contents: entry(), loader: 'ts', resolveDir: package_ },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outfile: bundle,
    mainFields: ['module', 'main'],
    conditions: ['@lensfield/source'],
    external: ['@lensfield/kernels'],
    nodePaths: [join(folder, 'node_modules')],
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
}

/** In a process of its own: runs the bundle on one backend and prints the results as JSON. */
async function runHere(output) {
  const Jasmine = createRequire(join(folder, 'package.json'))('jasmine');
  const runner = new Jasmine();
  runner.exitOnCompletion = false;
  runner.randomizeTests(false);
  runner.clearReporters();
  const results = [];
  runner.addReporter({
    specDone: ({ fullName, status, failedExpectations }) =>
      results.push({ fullName, status, message: failedExpectations[0]?.message ?? '' }),
  });
  await import(bundle);
  await runner.execute();
  writeFileSync(output, JSON.stringify(results));
}

function resultsOn(backend) {
  const output = join(folder, `${backend}.json`);
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), output, backend], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`core-tests: ${backend} must end; got ${status}\n${stderr}`);
  return JSON.parse(readFileSync(output, 'utf8')).map((result) => ({
    ...result,
    name: result.fullName.replaceAll(` ${backend} {}`, ''),
  }));
}

function explanationOf({ name, message }) {
  return EXCEPTIONS.find((exception) =>
    exception.test ? exception.test.test(name) : exception.message.test(message),
  );
}

/** The failures under each explanation, and those that have none. */
function explain(results) {
  const failed = results.filter(({ status }) => status === 'failed');
  const groups = new Map(EXCEPTIONS.map((exception) => [exception.reason, []]));
  const unexplained = [];
  for (const failure of failed) {
    const exception = explanationOf(failure);
    const kernel = exception?.message?.exec(failure.message)[1];
    if (exception) groups.get(exception.reason).push(kernel ?? failure.name);
    else unexplained.push(failure);
  }
  return { groups, unexplained };
}

function section(byBackend) {
  const counts = BACKENDS.map((backend) => {
    const passed = byBackend[backend].filter(({ status }) => status === 'passed').length;
    return `${passed} of ${byBackend[backend].length} on \`${backend}\``;
  });
  const groups = BACKENDS.map((backend) => explain(byBackend[backend]).groups);
  const reasons = [...groups[0].keys()].filter((reason) =>
    groups.some((group) => group.get(reason).length > 0),
  );
  const lines = reasons.map((reason) => {
    const names = [...new Set(groups.flatMap((group) => group.get(reason)))].map((name) => `\`${name}\``);
    return `| ${reason} | ${groups.map((group) => group.get(reason).length).join(' | ')} | ${names.join(', ')} |`;
  });
  return [
    `Passed: ${counts.join(', ')}. What fails:`,
    '',
    `| why | ${BACKENDS.join(' | ')} | kernels or tests |`,
    `| --- | ${BACKENDS.map(() => '---').join(' | ')} | --- |`,
    ...lines,
  ].join('\n');
}

async function main() {
  installJasmine();
  await makeBundle();
  const byBackend = Object.fromEntries(BACKENDS.map((backend) => [backend, resultsOn(backend)]));
  const readme = join(package_, 'README.md');
  const [before, rest] = readFileSync(readme, 'utf8').split(BEGIN);
  writeFileSync(readme, `${before}${BEGIN}\n\n${section(byBackend)}\n\n${END}${rest.split(END)[1]}`);
  for (const backend of BACKENDS) {
    for (const { name, message } of explain(byBackend[backend]).unexplained) {
      console.error(`${backend}: ${name}: ${message.split('\n')[0]}`);
      process.exitCode = 1;
    }
  }
  console.log('core-tests: results written to packages/tensors/README.md');
}

if (process.argv.length > 3) await runHere(process.argv[2]);
else await main();
