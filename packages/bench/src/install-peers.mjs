// The peers of the bench in a virtual environment of their own: `npm run bench:peers [-- folder]`, with `--python` for another
// interpreter than python3. LENSFIELD_PEERS_PYTHON tells `npm run bench` of an environment elsewhere than packages/bench/.venv.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { interpreterIn, PEERS_FOLDER } from './peers-environment.mjs';

const { values, positionals } = parseArgs({
  options: { python: { type: 'string', default: 'python3' } },
  allowPositionals: true,
});
const folder = resolve(process.env.INIT_CWD ?? '.', positionals[0] ?? PEERS_FOLDER);
const requirements = fileURLToPath(new URL('../requirements.txt', import.meta.url));

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) return;
  console.error(
    `bench:peers: ${command} ${args.join(' ')} must succeed; ${error?.message ?? `it ended with ${status}`}.`,
  );
  process.exit(1);
}

run(values.python, ['-m', 'venv', folder]);
run(interpreterIn(folder), ['-m', 'pip', 'install', '-r', requirements]);
console.log(
  folder === PEERS_FOLDER
    ? 'The peers are installed: npm run bench'
    : `The peers are installed: LENSFIELD_PEERS_PYTHON=${interpreterIn(folder)} npm run bench`,
);
