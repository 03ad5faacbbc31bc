import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Kernels that a machine forces for the sake of old libraries would slow a current one. */
const FORCED_KERNELS = ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'];

function environment(threads) {
  const count = String(threads);
  const own = Object.entries(process.env).filter(([name]) => !FORCED_KERNELS.includes(name));
  const pools = { OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count, MKL_NUM_THREADS: count };
  return { ...Object.fromEntries(own), ...pools };
}

/**
 * A process that answers JSON lines.
 *
 * @returns { ask, close }: `ask(request)` gives the answer and rejects where that is an error or the process ends.
 */
function childSide(command, args, threads) {
  const child = spawn(command, args, { env: environment(threads), stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint = (complaint + text).slice(-2000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const lastWords = () => {
    const lines = complaint.trim().split('\n');
    return lines.findLast((line) => line.includes('Error')) ?? (lines.at(-1) || `${command} ended`);
  };
  const gone = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error(lastWords())));
  });
  gone.catch(() => {});
  child.stdin.on('error', () => {});
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value } = await Promise.race([lines.next(), gone]);
      if (value === undefined) return gone;
      const answer = JSON.parse(value);
      if (answer.error) throw new Error(answer.error);
      return answer;
    },
    close: () => child.kill(),
  };
}

/** A row's step on one of our backends. */
export async function nodeSide(row, backend, threads) {
  const side = childSide(
    process.execPath,
    [fileURLToPath(new URL('./node-main.mjs', import.meta.url))],
    threads,
  );
  return built(side, { row: row.name, backend, threads });
}

/** A row's step by one of its peers. */
export async function peerSide(row, peer, threads, python) {
  const script = fileURLToPath(new URL('../rows/serve.py', import.meta.url));
  return built(childSide(python, [script], threads), { ...row.peers[peer], peer, threads });
}

/** The side with its step built; closed if that fails. */
export async function built(side, build) {
  try {
    await side.ask({ build });
    return side;
  } catch (error) {
    side.close();
    throw error;
  }
}
