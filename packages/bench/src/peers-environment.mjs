import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `npm run bench:peers` puts it unless told otherwise. */
export const PEERS_FOLDER = fileURLToPath(new URL('../.venv', import.meta.url));

export const interpreterIn = (folder) =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');

/** LENSFIELD_PEERS_PYTHON, else the interpreter of the default folder, where there is one. */
export function findPeers() {
  if (process.env.LENSFIELD_PEERS_PYTHON) return process.env.LENSFIELD_PEERS_PYTHON;
  const own = interpreterIn(PEERS_FOLDER);
  return existsSync(own) ? own : undefined;
}
