import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const MOST_PASSES = 10;

/** Collects all garbage: until two passes in a row find nothing, since arrays are swept in the background. */
export async function collectGarbage() {
  let before = Number.POSITIVE_INFINITY;
  let unchanged = 0;
  for (let pass = 0; pass < MOST_PASSES && unchanged < 2; pass++) {
    collect();
    await pause(10);
    const { arrayBuffers } = process.memoryUsage();
    unchanged = arrayBuffers < before ? 0 : unchanged + 1;
    before = arrayBuffers;
  }
}

/** Watches the garbage collector; `stop` tells its milliseconds between two times of `performance.now()`. */
export function watchGarbage() {
  const entries = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) entries.push({ startTime, duration });
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    async stop(from, to) {
      // Entries come later than what they tell of.
      await pause(10);
      observer.disconnect();
      const inside = entries.filter(({ startTime }) => startTime >= from && startTime < to);
      return inside.reduce((sum, { duration }) => sum + duration, 0);
    },
  };
}
