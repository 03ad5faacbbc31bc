import { setTimeout as pause } from 'node:timers/promises';

/** Of a block of steps of one side, long beside the clock and short beside the machine's changes of speed. */
const BLOCK_MS = 100;
/** Between blocks: until threads of the last side stop spinning, OpenBLAS's after some 30 ms. */
const PAUSE_MS = 100;
const LEAST_ROUNDS = 5;
const MOST_ROUNDS = 60;
const MOST_STEPS = 10_000;

/** Steps that fill a block, after steps enough for compilers and caches. */
async function stepsOfBlock(side) {
  const first = await side.ask({ warm: 1, steps: 1 });
  const trial = Math.min(MOST_STEPS, Math.ceil((2 * BLOCK_MS) / first.ms));
  const { ms } = trial > 1 ? await side.ask({ warm: 0, steps: trial }) : first;
  return Math.max(1, Math.min(MOST_STEPS, Math.round(BLOCK_MS / ms)));
}

async function block({ side, steps }) {
  const { ms } = await side.ask({ warm: steps > 1 ? 1 : 0, steps });
  await pause(PAUSE_MS);
  return ms;
}

/**
 * Times sides in turn, block by block, so that a change of the machine's speed meets all of them.
 *
 * @param sides    By name, each with its step built.
 * @param seconds  For each side; five rounds are run in any case.
 * @param failed   Receives name and error of a side whose step fails; it is left out from then on.
 * @returns        By name, milliseconds of a step in each round, of the sides that came to the end.
 */
export async function alternate(sides, { seconds, failed }) {
  const running = new Map();
  const attempt = async (name, work) => {
    try {
      await work();
    } catch (error) {
      running.delete(name);
      failed(name, error);
    }
  };
  for (const [name, side] of Object.entries(sides))
    await attempt(name, async () => {
      running.set(name, { side, steps: await stepsOfBlock(side), times: [] });
    });
  const end = performance.now() + 1e3 * seconds * running.size;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (round >= LEAST_ROUNDS && performance.now() > end) break;
    for (const [name, state] of running)
      await attempt(name, async () => {
        state.times.push(await block(state));
      });
  }
  return Object.fromEntries([...running].map(([name, { times }]) => [name, times]));
}
