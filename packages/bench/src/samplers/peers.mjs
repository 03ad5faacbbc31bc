// The samplers of numpyro and blackjax, run by LENSFIELD_PEERS_PYTHON.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PEERS = ['numpyro NUTS', 'blackjax MCLMC', 'blackjax adjusted MCLMC'];

/** The chosen coordinates of all draws of a peer, [chains, draws, coordinates], and their gradients. */
export function peerDraws(job) {
  const folder = mkdtempSync(join(tmpdir(), 'lensfield-samplers-'));
  try {
    const out = join(folder, 'draws');
    const { target, ...settings } = job;
    const input = JSON.stringify({ ...settings, out, data: target.data, coordinates: target.coordinates });
    const script = fileURLToPath(new URL('./peers.py', import.meta.url));
    const run = spawnSync(process.env.LENSFIELD_PEERS_PYTHON, [script], { input, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`samplers: the peer must end without an error; got ${run.stderr}`);
    const bytes = readFileSync(out);
    const data = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    return { ...JSON.parse(run.stdout.trim().split('\n').at(-1)), data };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
