// `pnpm build`: native addon (where a compiler is present), WASM, bindings, TypeScript. Bindings come after the binaries, so that
// a running test never sees a kernel that is not there yet.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildWasm } from './build-wasm.mjs';
import { generateBindings } from './generate-bindings.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const native = fileURLToPath(new URL('../../kernels-native/scripts/install.mjs', import.meta.url));

if (existsSync(native)) execFileSync(process.execPath, [native], { stdio: 'inherit' });
const bytes = await buildWasm().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
generateBindings();
console.log(`lensfield.wasm: ${(bytes / 1024).toFixed(0)} KiB`);
if (!process.argv.includes('--binaries-only'))
  execFileSync(process.execPath, [`${root}node_modules/.bin/../@lensfield/tooling/scripts/build.mjs`], {
    stdio: 'inherit',
    cwd: root,
  });
