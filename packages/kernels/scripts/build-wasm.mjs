// Compiles csrc to dist/lensfield.wasm with the npm package @yowasp/clang: no system compiler, no network. Objects are kept in
// build/objects by the hash of what they were made from.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kernelPrototypes } from './kernel-prototypes.mjs';
import { programCalls } from './program-calls.mjs';
import { writeAtomically } from './write-atomically.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const COMPILE = [
  '--target=wasm32',
  '-msimd128',
  '-mbulk-memory',
  '-mnontrapping-fptoint',
  '-ffreestanding',
  '-fvisibility=hidden',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-Wall',
];
/* Loops that are no faster unrolled, and half as large. */
const SMALLER = new Set(['convolution.c', 'symmetric_root.c']);
const levelOf = (file) => (SMALLER.has(file) ? '-O2' : '-O3');
/* The memory comes from the loader, which knows how much the user allows; the stack lies first, so that an overflow traps. */
const LINK = [
  '--target=wasm32',
  '-nostdlib',
  '-Wl,--no-entry,--export-dynamic,--import-memory,--max-memory=4294967296,--stack-first,--strip-all,-z,stack-size=1048576',
];

function sources(folder) {
  const files = readdirSync(folder).filter((file) => /\.[ch]$/.test(file));
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(`${folder}/${file}`)]));
}

function hashOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Runs clang over files given and taken as bytes; prints its warnings, throws its first error as one line. */
async function clang(args, files) {
  const { commands, runLLVM } = await import('@yowasp/clang');
  /* Unpacks the compiler without its progress lines. */
  await runLLVM(null, {}, { fetchProgress: () => {} });
  const decoder = new TextDecoder();
  let messages = '';
  const stderr = (bytes) => {
    if (bytes) messages += decoder.decode(bytes, { stream: true });
  };
  try {
    return await commands.clang(args, files, { stderr });
  } catch (error) {
    const first = messages.split('\n').find((line) => line.includes('error:')) ?? error.message;
    messages = '';
    throw new Error(`kernels build: C sources must compile to WASM; got: ${first}`);
  } finally {
    process.stderr.write(messages);
  }
}

async function object(file, files, headersHash) {
  const generated = file === 'program.c' ? [files['program-calls.h']] : [];
  const name = `${file.replace(/\.c$/, '')}-${hashOf([file, levelOf(file), files[file], headersHash, ...generated])}.o`;
  const path = `${root}build/objects/${name}`;
  try {
    return [name, readFileSync(path)];
  } catch {
    const made = await clang([...COMPILE, levelOf(file), '-c', file, '-o', name], files);
    writeAtomically(path, made[name]);
    return [name, made[name]];
  }
}

function removeStaleObjects(keep) {
  for (const file of readdirSync(`${root}build/objects`))
    if (!keep.has(file) && file.endsWith('.o')) rmSync(`${root}build/objects/${file}`, { force: true });
}

/** Returns the size of the module in bytes. */
export async function buildWasm() {
  const files = sources(`${root}csrc`);
  const headers = Object.keys(files).filter((file) => file.endsWith('.h'));
  const headersHash = hashOf([...COMPILE, ...headers.flatMap((file) => [file, files[file]])]);
  files['program-calls.h'] = Buffer.from(programCalls(kernelPrototypes(`${root}csrc`)));
  mkdirSync(`${root}build/objects`, { recursive: true });
  const objects = {};
  for (const file of Object.keys(files).filter((name) => name.endsWith('.c'))) {
    const [name, bytes] = await object(file, files, headersHash);
    objects[name] = bytes;
  }
  const linked = await clang([...LINK, '-o', 'lensfield.wasm', ...Object.keys(objects)], objects);
  writeAtomically(`${root}dist/lensfield.wasm`, linked['lensfield.wasm']);
  removeStaleObjects(new Set(Object.keys(objects)));
  return linked['lensfield.wasm'].length;
}
