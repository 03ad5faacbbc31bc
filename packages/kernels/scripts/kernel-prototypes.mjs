// Reads the prototypes of the functions marked KERNEL in C sources.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const POINTERS = {
  float: 'Float32Array',
  double: 'Float64Array',
  int32_t: 'Int32Array',
  int: 'Int32Array',
  uint32_t: 'Uint32Array',
  uint8_t: 'Uint8Array',
};
const SCALARS = new Set(['int', 'uint32_t', 'float', 'double']);
/* Words that C takes as names and TypeScript does not. */
const RESERVED = new Set([
  'in',
  'new',
  'delete',
  'function',
  'var',
  'let',
  'this',
  'with',
  'yield',
  'await',
  'typeof',
  'of',
]);
const RESULTS = new Set(['void', 'int', 'double']);

/** One parameter of a prototype, e.g. `const float *RESTRICT x` or `int rows`. */
function parseParameter(text, where) {
  const match = /^(const\s+)?(\w+)\s*(\*?)\s*(?:RESTRICT\s+)?(\w+)(\[\])?$/.exec(text.trim());
  if (!match) throw new Error(`${where}: parameter must be "[const] type [*]name"; got "${text.trim()}"`);
  const [, constant, type, star, written, brackets] = match;
  const name = RESERVED.has(written) ? `${written}_` : written;
  if (star || brackets) {
    if (!POINTERS[type])
      throw new Error(`${where}: pointers must be to ${Object.keys(POINTERS)}; got ${type}`);
    return { name, type: POINTERS[type], c: type, isInput: constant !== undefined };
  }
  if (!SCALARS.has(type)) throw new Error(`${where}: scalars must be ${[...SCALARS]}; got ${type}`);
  return { name, type, c: type };
}

/** Prototypes in one source: [{ name, result, parameters: [{ name, type, c, isInput? }] }]. */
export function parsePrototypes(source, file) {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/\/\/.*$/gm, ' ');
  return [...code.matchAll(/\bKERNEL\s+(\w+)\s+(\w+)\s*\(([^)]*)\)/g)].map(([, result, name, list]) => {
    const where = `${file}: ${name}`;
    if (!RESULTS.has(result)) throw new Error(`${where}: result must be ${[...RESULTS]}; got ${result}`);
    if (!name.startsWith('lf_')) throw new Error(`${where}: kernels must be named lf_...`);
    const parameters = list.trim() === 'void' || list.trim() === '' ? [] : list.split(',');
    return { name, result, parameters: parameters.map((text) => parseParameter(text, where)) };
  });
}

/** All kernels of a folder of C sources, by name. */
export function kernelPrototypes(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.c') && file !== 'addon.c');
  const prototypes = files.flatMap((file) => parsePrototypes(readFileSync(join(folder, file), 'utf8'), file));
  return prototypes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One line that says everything about how a kernel is called; the addon and the TypeScript side compare it. */
export function signatureText({ name, result, parameters }) {
  const list = parameters.map(({ type, isInput }) => (isInput ? `const ${type}` : type));
  return `${name}(${list.join(',')}):${result}`;
}
