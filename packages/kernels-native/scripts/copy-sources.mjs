// Gathers the C sources of @lensfield/kernels and the N-API glue for them in csrc, which is what is compiled and published.
// Inside the workspace it runs before each build and before packing; a published package carries csrc and lacks the siblings.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const target = fileURLToPath(new URL('../csrc/', import.meta.url));
const kernels = fileURLToPath(new URL('../../kernels/', import.meta.url));

const GENERATED = new Set(['addon.c', 'program-calls.h']);

/** Leaves equal files alone, so that only what changed is compiled again. */
export async function copySources() {
  if (!existsSync(`${kernels}scripts/addon-glue.mjs`)) return;
  const load = (name) => import(pathToFileURL(`${kernels}scripts/${name}`).href);
  const { addonGlue } = await load('addon-glue.mjs');
  const { kernelPrototypes } = await load('kernel-prototypes.mjs');
  const { programCalls } = await load('program-calls.mjs');
  const { writeAtomically } = await load('write-atomically.mjs');
  mkdirSync(target, { recursive: true });
  const files = readdirSync(`${kernels}csrc`).filter((file) => /\.[ch]$/.test(file));
  for (const file of files) writeAtomically(target + file, readFileSync(`${kernels}csrc/${file}`));
  const prototypes = kernelPrototypes(`${kernels}csrc`);
  writeAtomically(`${target}addon.c`, addonGlue(prototypes));
  writeAtomically(`${target}program-calls.h`, programCalls(prototypes));
  for (const file of readdirSync(target))
    if (!GENERATED.has(file) && !files.includes(file) && !file.endsWith('.tmp')) rmSync(target + file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await copySources();
